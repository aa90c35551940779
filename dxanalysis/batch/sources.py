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
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .dependencies import data_files, digest_of, portable
from .notebooks import Notebook, home, source_of

# Magics whose text is Python that runs in the notebook, and those that read no code or data of the user's.
PYTHON_MAGICS = ("time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "debug")
HARMLESS_MAGICS = (
    "matplotlib", "config", "pylab", "precision", "autosave", "env", "set_env", "who", "whos", "who_ls", "pwd", "cd",
    "pushd", "popd", "dirs", "lsmagic", "magic", "xmode", "pdb", "pprint", "doctest_mode", "colors", "gui", "pinfo",
    "pinfo2", "psearch", "psource", "pdoc", "pdef", "pfile", "page", "history", "reset", "reset_selective", "xdel",
    "quickref", "automagic", "alias_magic", "aimport", "autoreload", "autocall", "autoindent", "autoawait", "html",
    "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG", "writefile", "file", "watermark", "load_ext",
    "reload_ext", "unload_ext", "load", "loadpy", "pycat", "logstart", "logstop",
)
NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
NAMING = {"import_module": "import", "__import__": "import", "run_module": "import", "run_path": "file"}
# A text without any of these has no call that is followed. Most have none, and of those only the import statements are
# parsed: parsing the whole of 140 files takes 0.6 s of the 0.9 that a plan takes.
FOLLOWED, SYS_PATH = (*NAMING, "get_ipython"), re.compile(r"\bsys[\s\\)]*\.[\s\\]*path\b")
IMPORT = re.compile(r"^([ \t]*)((?:from\b[^\n]*?\bimport|import)\b(?:[^\n(]*\([^)]*\)|[^\n]*))", re.MULTILINE)
INLINE = re.compile(r"[:;][ \t]*(?:import[ \t]|from[ \t]+[\w.]+[ \t]+import\b)|\\\n")  # not alone in a line
# Libraries that open files, or ask servers, past Python's own `open` and sockets, so that nothing is noted of it.
UNSEEN = (
    "h5py", "tables", "netCDF4", "xarray", "polars", "duckdb", "pyarrow", "rasterio", "fiona", "pyogrio", "geopandas",
    "osgeo", "pyreadstat", "pyreadr", "cv2", "lxml", "rpy2", "vtk", "SimpleITK", "ROOT", "jpype", "pyspark",
    "tensorflow", "xgboost", "lightgbm", "catboost", "psycopg", "psycopg2", "oracledb", "cx_Oracle", "pyodbc",
)


@dataclass
class Found:
    """What the code of one cell or file leads to.

    Attributes
    ----------
    modules : list of str
        Dotted names that it imports, anywhere in it; ``from a import b`` gives ``a.b``.
    at_once : list of str
        Those of them that it imports at the beginning of a line: while it is read, not when a function is called.
    files : list of str
        Python files and notebooks that it runs (``%run``, ``runpy``).
    places : list of str
        What it adds to ``sys.path``.
    unknown : list of str
        What it does that cannot be followed, nor seen while it runs, as words that go on after "it".
    """

    modules: list[str] = field(default_factory=list)
    at_once: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take in what another piece of code leads to."""
        for name in ("modules", "at_once", "files", "places", "unknown"):
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
    files, *_, unknown = _reached(notebook)
    return files, unknown


def unseen(notebook: Notebook, *, everywhere: bool) -> str:
    """Say which libraries read past Python's own `open`: those that the cells import, or all their modules, too."""
    names = _reached(notebook)[1] if everywhere else found_in_cells(notebook).modules
    found = dict.fromkeys(top for name in names if (top := name.partition(".")[0]) in UNSEEN)
    return f"reads with {', '.join(found)}, whose files are not seen" if found else ""


def names_lead_to(notebook: Notebook, opened: Iterable[str]) -> str:
    """Digest where the imports of the cells, and of the modules among the files opened, lead: paths, not contents.

    A module that is new and found before another one changes a run whose files have all stayed the same.
    """
    folder = home(notebook.path).resolve()
    found = found_in_cells(notebook)
    for name in opened:
        if name.endswith(".py") and (file := folder / name).is_file():
            found.add(_found_in_file(str(file.resolve()), file.stat().st_mtime_ns))
    places = _places(folder, found)
    leads: set[Path] = set().union(*(_files_of(name, places) for name in set(found.modules)))
    return digest_of(sorted(portable(file, notebook) for file in leads if file.suffix == ".py"))


def modules(notebook: Notebook, packages: Iterable[str]) -> list[str]:
    """Return the dotted names out of `packages` that a notebook, and the files it leads to, import as they are read."""
    wanted = set(packages)
    return [name for name in dict.fromkeys(_reached(notebook)[2]) if name.partition(".")[0] in wanted]


def _reached(notebook: Notebook) -> tuple[list[Path], list[str], list[str], str]:
    """Return the user's own files that a notebook leads to, every dotted name on the way, those out of functions, and
    what stays unknown."""
    folder = home(notebook.path).resolve()
    found = found_in_cells(notebook)
    places = _places(folder, found)
    files: set[Path] = set()
    names: list[str] = []
    at_once: list[str] = []
    todo = found
    while todo.modules or todo.files:
        new: set[Path] = {file for name in todo.files if (file := (folder / name).resolve()).is_file()} - files
        for name in todo.modules:
            new |= _files_of(name, places) - files
        names += todo.modules
        at_once += todo.at_once
        files |= new
        found.unknown += todo.unknown if todo is not found else ()
        todo = Found()
        for file in sorted(new):
            if file.suffix in (".py", ".ipynb"):
                todo.add(_found_in_file(str(file), file.stat().st_mtime_ns))
    return sorted(files), names, at_once, "; ".join(dict.fromkeys(found.unknown))


def _places(folder: Path, found: Found) -> tuple[str, ...]:
    """Return where a notebook's own modules are looked for first."""
    return (str(folder), *(str((folder / place).resolve()) for place in found.places))


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
    source, package = Path(path).read_text(encoding="utf-8", errors="replace"), _module_name(Path(path))[1]
    statements = _import_statements(source)
    if statements is not None:
        return _imported(statements, package)
    found, name = _found_in_source(source, package), Path(path).name
    found.unknown = [f"leads to {name}, which {what}" for what in found.unknown]
    return found


def _found_in_source(source: str, package: str) -> Found:
    """Read the text of a cell or file; IPython's own signs are turned into Python the way IPython does."""
    try:
        tree = ast.parse(source)
    except NO_PYTHON:
        try:
            source = _transformed(source)
            tree = ast.parse(source)
        except NO_PYTHON:
            return Found(unknown=["has code that is not Python"])
    found = _imported(_statements(tree.body), package)
    if _has_followed(source):
        _follow_calls(tree, package, found)
    return found


def _has_followed(source: str) -> bool:
    source = source if source.isascii() else unicodedata.normalize("NFKC", source)  # as Python reads names
    return any(word in source for word in FOLLOWED) or bool(SYS_PATH.search(source))


def _transformed(source: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager  # loaded only where a cell needs it

    return TransformerManager().transform_cell(source)


def _import_statements(source: str) -> list[ast.stmt] | None:
    """Return the import statements of a file without parsing the rest of it; None where they may not be all.

    Lines of a text that look like imports count as well: to depend on too much costs a run, on too little a result.
    """
    if _has_followed(source) or INLINE.search(source):
        return None
    try:
        found = [(len(one[1]), ast.parse(one[2]).body) for one in IMPORT.finditer(source)]
    except NO_PYTHON:
        return None
    for place, (statement, *_) in found:
        statement.col_offset = place
    return [statement for _, body in found for statement in body]


def _imported(statements: Iterable[ast.AST], package: str) -> Found:
    found = Found()
    for node in statements:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            names = [f"{base}.{alias.name}".strip(".") for alias in node.names]
        found.modules += names
        found.at_once += names if names and not node.col_offset else ()
    return found


def _follow_calls(tree: ast.Module, package: str, found: Found) -> None:
    """Add what calls lead to: imports by name, runs of files, new places of modules, and magics."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in NAMING:
            _read_by_name(call, NAMING[name], tree, package, found)
        elif name in ("insert", "append", "extend") and "sys.path" in ast.unparse(call.func):
            found.places += _texts(call)
        elif name in ("run_line_magic", "run_cell_magic", "system", "getoutput") and _asks_shell(call):
            _read_magic(name, call, package, found)


def _asks_shell(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "get_ipython()"


def _texts(node: ast.AST) -> list[str]:
    """All texts in an expression, and those that follow each other joined as parts of one path."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return [*texts, os.path.join(*texts)] if texts else ["."]


def _read_by_name(call: ast.Call, kind: str, tree: ast.Module, package: str, found: Found) -> None:
    """Follow an import or run of something named by a text; others are seen when it runs."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        if kind == "file":
            found.files.append(first.value)
        else:
            found.modules.append(f"{package}{first.value}" if first.value.startswith(".") else first.value)
        return
    # A package that loads its parts when they are first used names them somewhere in the same file.
    named = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    found.modules += [f"{package}.{name}" for name in dict.fromkeys(named) if package and _is_part(package, name)]


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
