"""Find the code a notebook depends on: the source files its imports lead to, read without running them."""

from __future__ import annotations

import ast
import functools
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from .digests import data_files
from .notebooks import Notebook, code_of


def look_afresh() -> None:
    """Forget where modules and their companions were found; files may have come since the last plan."""
    for remembered in (_spec, _companions, _files_of):
        remembered.cache_clear()


def code_files(notebook: Notebook, declared: Sequence[str] | None = None) -> list[Path]:
    """Return the source files the notebook's imports reach, outside the standard and installed packages.

    The imports of the notebook and, in turn, of every file found are read without running them. Files that are not
    Python but lie in the same packages (words, tables, schemas) count as code too.

    Parameters
    ----------
    notebook : Notebook
        The notebook.
    declared : sequence of str, optional
        Packages or files to take whole, in place of following imports.
    """
    if declared is not None:
        return sorted({file for name in declared for file in _whole(notebook, name)})
    return _reached(notebook, _imports_of_file)


def _reached(notebook: Notebook, imports_of: Callable[[str, int], Iterable[str]]) -> list[Path]:
    """Return the user's own files that the notebook's imports lead to; `imports_of` tells those of a file."""
    folder = str(Path(notebook.path).parent.resolve())
    files: set[Path] = set()
    todo = list(_imports(_parsed(code_of(notebook)), ""))
    while todo:
        for file in _files_of(todo.pop(), folder) - files:
            files.add(file)
            if file.suffix == ".py":
                todo += imports_of(str(file), file.stat().st_mtime_ns)
    return sorted(files)


def modules(notebook: Notebook) -> list[str]:
    """Return dotted names a warm kernel should have imported: those of the notebook and of the files beside it.

    Files beside the notebook are found from there alone; every other module brings what it imports along. Of their
    imports only those at the top are taken: one inside a function may never be needed.
    """
    beside = str(Path(notebook.path).parent.resolve()) + os.sep
    names = dict.fromkeys(_imports(_parsed(code_of(notebook)), ""))
    for file in _reached(notebook, lambda path, changed: _first_imports_of_file(path, changed, beside)):
        if file.suffix == ".py":
            names |= dict.fromkeys(_first_imports_of_file(str(file), file.stat().st_mtime_ns, beside))
    return [name for name in names if name.split(".")[0] != "__future__"]


def _whole(notebook: Notebook, name: str) -> set[Path]:
    folder = Path(notebook.path).parent
    spec = None if "/" in name or name.endswith(".py") else _spec(name, str(folder.resolve()))
    if spec is None:
        files = set(data_files(notebook, [name]))
    elif spec.submodule_search_locations:
        files = {f for place in spec.submodule_search_locations for f in Path(place).rglob("*") if f.is_file()}
    else:
        files = {Path(spec.origin)} if spec.origin else set()
    return {file for file in files if "__pycache__" not in file.parts}


@functools.lru_cache(maxsize=4096)
def _spec(name: str, folder: str) -> importlib.machinery.ModuleSpec | None:
    """Find a top-level module as the notebook's kernel would: its own folder first; nothing is imported."""
    places = [folder, *(place for place in sys.path if place)]
    spec = importlib.machinery.PathFinder.find_spec(name, places)
    if spec is None and name in sys.modules:  # an editable install may use a finder of its own
        spec = getattr(sys.modules[name], "__spec__", None)
    return spec


@functools.lru_cache(maxsize=16384)
def _files_of(module: str, folder: str) -> frozenset[Path]:
    """Files of a dotted module and of the packages above it; nothing for installed and built-in modules."""
    top, *inner = module.split(".")
    spec = _spec(top, folder)
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


@functools.lru_cache(maxsize=4096)
def _imports_of_file(path: str, _changed: int) -> tuple[str, ...]:
    return tuple(_imports(_parsed(Path(path).read_text(encoding="utf-8")), _module_name(Path(path))[1]))


@functools.lru_cache(maxsize=4096)
def _first_imports_of_file(path: str, _changed: int, beside: str) -> tuple[str, ...]:
    """Dotted names that a file of the folder `beside` imports as soon as it is imported itself."""
    if not path.startswith(beside):
        return ()
    tree = _parsed(Path(path).read_text(encoding="utf-8"))
    top = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])
    return tuple(_imports(top, _module_name(Path(path))[1]))


def _module_name(file: Path) -> tuple[str, str]:
    """Dotted name of a file's module, and of the package that its relative imports start from."""
    package = file.parent
    parts: list[str] = [] if file.name == "__init__.py" else [file.stem]
    while (package / "__init__.py").is_file():
        parts.insert(0, package.name)
        package = package.parent
    name = ".".join(parts)
    return name, name if file.name == "__init__.py" else name.rpartition(".")[0]


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])  # the run itself will report it; its imports are unknown


def _imports(tree: ast.Module, package: str) -> list[str]:
    """Dotted names a file imports anywhere in it; ``from a import b`` gives ``a.b``, relative ones are resolved."""
    names: list[str] = []
    for node in _statements(tree.body):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            names += [f"{base}.{alias.name}".strip(".") for alias in node.names]
    return names


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
