"""Find the code a notebook depends on: the source files its imports lead to, read without running them."""

from __future__ import annotations

import ast
import functools
import importlib.machinery
import os
import re
import shlex
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .dependencies import data_files
from .notebooks import Notebook, home, source_of

# Magics whose text is Python that runs in the notebook, and those that read no code or data of the user's.
PYTHON_MAGICS = ("time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "debug")
HARMLESS_MAGICS = (
    *("matplotlib", "config", "pylab", "precision", "autosave", "env", "set_env", "who", "whos", "who_ls", "pwd"),
    *("lsmagic", "magic", "xmode", "pdb", "pprint", "doctest_mode", "colors", "gui", "pinfo", "pinfo2", "psearch"),
    *(
        "psource",
        "pdoc",
        "pdef",
        "pfile",
        "page",
        "history",
        "reset",
        "reset_selective",
        "xdel",
        "quickref",
        "automagic",
    ),
    *("alias_magic", "autoreload", "autocall", "autoindent", "html", "HTML", "javascript", "js", "latex", "markdown"),
    *("svg", "SVG", "writefile", "file", "watermark", "load_ext", "reload_ext", "unload_ext"),
)
OPENS = re.compile(r"(?:read|load|open|imread|genfromtxt|fromfile|scan|parse)(?:_|txt|csv|$)|(?:read|load)[A-Z]")
PATHS = ("Path", "PurePath", "join", "abspath", "print")  # calls that take the name of a file and do nothing to it
WRITING = re.compile(r"[rbt]*[wax+][rbt+]*")  # the mode of a file that is written
READERS = {"import_module": "import", "__import__": "import", "run_module": "import", "run_path": "file"}


@dataclass
class Found:
    """What the code of one cell or file leads to.

    Attributes
    ----------
    modules : list of str
        Dotted names that it imports, anywhere in it; ``from a import b`` gives ``a.b``.
    files : list of str
        Python files and notebooks that it runs (``%run``, ``runpy``).
    places : list of str
        What it adds to ``sys.path``.
    read : list of str
        Files that it opens to read, where they are named by a text and not written by it, too.
    unknown : list of str
        What it does that cannot be followed, as words that go on after "it".
    """

    modules: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take in what another piece of code leads to."""
        for name in ("modules", "files", "places", "read", "unknown"):
            getattr(self, name).extend(getattr(other, name))


def look_afresh() -> None:
    """Forget where modules and their companions were found; files may have come since the last plan."""
    for remembered in (_spec, _companions, _files_of):
        remembered.cache_clear()


def code_files(notebook: Notebook, declared: Sequence[str] | None = None) -> tuple[list[Path], str]:
    """Return the source files that decide what a notebook does, and what of it cannot be followed.

    The imports of the notebook and, in turn, of every file found are read without running them. Files that are not
    Python but lie in the same packages (words, tables, schemas) count as code too; installed packages do not.

    Parameters
    ----------
    notebook : Notebook
        The notebook.
    declared : sequence of str, optional
        Packages or files to take whole, in place of following imports.

    Returns
    -------
    list of Path, str
        The files, and why they may not be all: nothing where everything could be followed.
    """
    if declared is not None:
        return sorted({file for name in declared for file in _whole(notebook, name)}), ""
    files, _, unknown = _reached(notebook)
    return files, unknown


def files_read(notebook: Notebook) -> list[str]:
    """Return the files that the cells open to read, as far as they are named there and stand where they are looked for.

    A name that is put together at run time, and what a module opens, are not seen: declare such inputs.
    """
    names = dict.fromkeys(found_in_cells(notebook).read)
    return [name for name in names if (home(notebook.path) / name).is_file()]


def modules(notebook: Notebook, packages: Iterable[str]) -> list[str]:
    """Return the dotted names out of `packages` that a notebook, and the files it leads to, import."""
    wanted = set(packages)
    return [name for name in dict.fromkeys(_reached(notebook)[1]) if name.partition(".")[0] in wanted]


def _reached(notebook: Notebook) -> tuple[list[Path], list[str], str]:
    """Return the user's own files that a notebook leads to, every dotted name on the way, and what stays unknown."""
    folder = home(notebook.path).resolve()
    found = found_in_cells(notebook)
    places = (str(folder), *(str((folder / place).resolve()) for place in found.places))
    files: set[Path] = set()
    names: list[str] = []
    todo = found
    while todo.modules or todo.files:
        new: set[Path] = {file for name in todo.files if (file := (folder / name).resolve()).is_file()} - files
        todo.unknown += [f"runs {name}, which is not there" for name in todo.files if not (folder / name).is_file()]
        for name in todo.modules:
            new |= _files_of(name, places) - files
        names += todo.modules
        files |= new
        found.unknown += todo.unknown if todo is not found else ()
        todo = Found()
        for file in sorted(new):
            if file.suffix in (".py", ".ipynb"):
                todo.add(_found_in_file(str(file), file.stat().st_mtime_ns))
    return sorted(files), names, _lost(found, places, names) or "; ".join(dict.fromkeys(found.unknown))


def _lost(found: Found, places: tuple[str, ...], names: Iterable[str]) -> str:
    """Say which module is nowhere where the notebook itself changes the places that are searched."""
    if not found.places:
        return ""
    lost = [top for top in dict.fromkeys(name.partition(".")[0] for name in names) if _nowhere(top, places)]
    return f"changes sys.path, and {lost[0]} was not found from there" if lost else ""


def _nowhere(top: str, places: tuple[str, ...]) -> bool:
    return bool(top) and top not in sys.builtin_module_names and _spec(top, places) is None


def found_in_cells(notebook: Notebook) -> Found:
    """Read every code cell by itself: one that is not Python hides what it does itself and nothing else."""
    found = Found()
    cells = [cell for cell in notebook.cells if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, start=1):
        inside = _found_in_source(source_of(cell), "")
        inside.unknown = [f"{what} (code cell {number})" for what in inside.unknown]
        found.add(inside)
    return found


@functools.lru_cache(maxsize=4096)
def _found_in_file(path: str, _changed: int) -> Found:
    """Read a Python file, or a notebook that is run by another; remembered while it stays the same."""
    from .notebooks import read_notebook

    if path.endswith(".ipynb"):
        return found_in_cells(read_notebook(path))
    found = _found_in_source(Path(path).read_text(encoding="utf-8", errors="replace"), _module_name(Path(path))[1])
    name = Path(path).name
    found.unknown = [f"leads to {name}, which {what}" for what in found.unknown]
    return found


def _found_in_source(source: str, package: str) -> Found:
    """Read the text of a cell or file; IPython's own signs are turned into Python the way IPython does."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        try:
            tree = ast.parse(_transformed(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return Found(unknown=["has code that is not Python"])
    return _found_in_tree(tree, package)


def _transformed(source: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager  # loaded only where a cell needs it

    return TransformerManager().transform_cell(source)


def _found_in_tree(tree: ast.Module, package: str) -> Found:
    found = Found()
    for node in _statements(tree.body):
        if isinstance(node, ast.Import):
            found.modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            found.modules += [f"{base}.{alias.name}".strip(".") for alias in node.names]
    written: set[str] = set()
    for call in _calls(tree):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in READERS:
            _read_by_name(call, READERS[name], tree, package, found)
        elif name in ("insert", "append", "extend") and "sys.path" in ast.unparse(call.func):
            found.places += _texts(call)
        elif name in ("run_line_magic", "run_cell_magic", "system", "getoutput") and _asks_shell(call):
            _read_magic(name, call, package, found)
        elif OPENS.match(name) and not any(WRITING.fullmatch(text) for text in _constants(call)):
            found.read += _constants(call)
        elif name not in PATHS:
            written |= set(_constants(call))
    found.read = [name for name in found.read if name not in written]
    return found


def _constants(call: ast.Call) -> list[str]:
    """Texts among the arguments of a call, and of the call on whose value it is made: ``Path("a").read_text()``."""
    inner = call.func.value if isinstance(call.func, ast.Attribute) else None
    nodes = [*call.args, *(word.value for word in call.keywords), *(inner.args if isinstance(inner, ast.Call) else ())]
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _asks_shell(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "get_ipython()"


def _texts(node: ast.AST) -> list[str]:
    """All texts in an expression, and those that follow each other joined as parts of one path."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return [*texts, os.path.join(*texts)] if texts else ["."]


def _read_by_name(call: ast.Call, kind: str, tree: ast.Module, package: str, found: Found) -> None:
    """Follow an import or run of something named by a text; a name that is put together at run time is unknown."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        if kind == "file":
            found.files.append(first.value)
        else:
            found.modules.append(f"{package}{first.value}" if first.value.startswith(".") else first.value)
        return
    # A package that loads its parts when they are first used names them somewhere in the same file.
    named = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    parts = [f"{package}.{name}" for name in dict.fromkeys(named) if package and _is_part(package, name)]
    found.modules += parts
    if not parts:
        found.unknown.append("imports or runs something whose name is made at run time")


def _is_part(package: str, name: str) -> bool:
    return name.isidentifier() and any(file.stem == name or file.parent.name == name for file in _own(package, name))


def _own(package: str, name: str) -> frozenset[Path]:
    return _files_of(f"{package}.{name}", ())


def _read_magic(name: str, call: ast.Call, package: str, found: Found) -> None:
    words = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    magic, line = (words[0], words[1] if len(words) > 1 else "") if "magic" in name else ("!", "")
    if magic in PYTHON_MAGICS:
        options = line if name == "run_line_magic" else ""
        code = " ".join(word for word in options.split(" ") if not word.startswith("-")) or "\n".join(words[2:])
        found.add(_found_in_source(code, package))
    elif magic == "run":
        _read_run(line, found)
    elif magic in ("load_ext", "reload_ext"):
        found.modules.append(line.strip())
    elif magic not in HARMLESS_MAGICS:
        found.unknown.append(f"runs {'a shell command' if magic == '!' else '%' + magic}, whose inputs are not seen")


def _read_run(line: str, found: Found) -> None:
    """Follow ``%run file.py``, ``%run file`` and ``%run -m module``."""
    words = [word for word in shlex.split(line) if not word.startswith("-") or word == "-m"]
    if words[:1] == ["-m"] and len(words) > 1:
        found.modules.append(words[1])
    elif words and not set(words[0]) & set("${"):
        found.files.append(words[0] if Path(words[0]).suffix in (".py", ".ipynb", ".ipy") else f"{words[0]}.py")
    else:
        found.unknown.append("runs a file whose name is made at run time")


def _whole(notebook: Notebook, name: str) -> set[Path]:
    folder = home(notebook.path)
    spec = None if "/" in name or name.endswith(".py") else _spec(name, (str(folder.resolve()),))
    if spec is None:
        files = set(data_files(notebook, [name]))
    elif spec.submodule_search_locations:
        files = {f for place in spec.submodule_search_locations for f in Path(place).rglob("*") if f.is_file()}
    else:
        files = {Path(spec.origin)} if spec.origin else set()
    return {file for file in files if "__pycache__" not in file.parts}


@functools.lru_cache(maxsize=4096)
def _spec(name: str, first: tuple[str, ...]) -> importlib.machinery.ModuleSpec | None:
    """Find a top-level module as the notebook's kernel would: its own folder `first`; nothing is imported."""
    spec = importlib.machinery.PathFinder.find_spec(name, [*first, *(place for place in sys.path if place)])
    if spec is None and name in sys.modules:  # an editable install may use a finder of its own
        spec = getattr(sys.modules[name], "__spec__", None)
    return spec


@functools.lru_cache(maxsize=16384)
def _files_of(module: str, first: tuple[str, ...]) -> frozenset[Path]:
    """Files of a dotted module and of the packages above it; nothing for installed and built-in modules."""
    top, *inner = module.split(".")
    spec = _spec(top, first)
    if spec is None or not spec.origin or not spec.origin.endswith(".py") or _installed(spec.origin):
        return frozenset()
    path = Path(spec.origin)
    files = {path}
    if not spec.submodule_search_locations:
        return frozenset(files)
    package = path.parent
    files.update(_companions(package))
    for name in inner:
        if (package / name / "__init__.py").is_file():
            package = package / name
            files |= {package / "__init__.py", *_companions(package)}
        elif (package / f"{name}.py").is_file():
            files.add(package / f"{name}.py")
            break
        else:
            break  # the name of a function, not of a module
    return frozenset(files)


@functools.lru_cache(maxsize=512)
def _companions(package: Path) -> list[Path]:
    return [file for file in package.iterdir() if file.is_file() and file.suffix not in (".py", ".pyc", ".so", ".md")]


def _installed(origin: str) -> bool:
    return origin.startswith(_places_of_installed())


@functools.lru_cache(maxsize=1)
def _places_of_installed() -> tuple[str, ...]:
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return tuple(place + os.sep for place in places if place)


def _module_name(file: Path) -> tuple[str, str]:
    """Dotted name of a file's module, and of the package that its relative imports start from."""
    package = file.parent
    parts: list[str] = [] if file.name == "__init__.py" else [file.stem]
    while (package / "__init__.py").is_file():
        parts.insert(0, package.name)
        package = package.parent
    name = ".".join(parts)
    return name, name if file.name == "__init__.py" else name.rpartition(".")[0]


def _statements(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield statements and those inside them; expressions, nine tenths of a file, hold no import."""
    for node in nodes:
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(node, part, ()))


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, node.module or ""]).strip(".")
