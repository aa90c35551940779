"""Decide what a run depends on, and digest it: notebook, parameters, data files, imported code, environment.

The digest of a run is the digest of its parts; the parts are kept, so that a plan can say *which* one changed.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.machinery
import importlib.util
import json
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import BatchError
from .notebooks import Notebook, code_of
from .storage import fingerprints, is_url

RUNNER_VERSION = "1"  # raise when the same run would give another result


class FileDigests:
    """Digest files once, and again only when their size or time of change differs.

    Parameters
    ----------
    known : mapping
        Path -> (size, mtime_ns, sha256), from an earlier session.
    """

    def __init__(self, known: Mapping[str, tuple[int, int, str]] | None = None) -> None:
        self.known = dict(known or {})
        self.fresh: dict[str, tuple[int, int, str]] = {}
        self._seen: dict[str, str] = {}

    def __call__(self, path: Path) -> str:
        """Return the SHA-256 of a file; a file is looked at once per session."""
        key = str(path)
        if key not in self._seen:
            self._seen[key] = self._digest(path, key)
        return self._seen[key]

    def _digest(self, path: Path, key: str) -> str:
        state = path.stat()
        if self.known.get(key, ())[:2] == (state.st_size, state.st_mtime_ns):
            return self.known[key][2]
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.fresh[key] = (state.st_size, state.st_mtime_ns, digest)
        return digest


def digest_of(value: Any) -> str:
    """Return the digest of anything that can be written as JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def data_digests(notebook: Notebook, patterns: Iterable[str | Path], digest: Callable[[Path], str]) -> dict[str, str]:
    """Return file -> digest for the declared inputs of a notebook, files and URLs alike.

    A file under a URL is known by what its store tells changes by; it is not read for this.
    """
    found: dict[str, str] = {}
    for pattern in map(str, patterns):
        if is_url(notebook.path) and not is_url(pattern) and not os.path.isabs(pattern):
            pattern = f"{notebook.path.rpartition('/')[0]}/{pattern}"
        if is_url(pattern):
            marks = fingerprints(pattern)
            if not marks:
                raise BatchError(
                    f"{notebook.name} declares the input {pattern!r}, and nothing is there. Correct the URL."
                )
            found |= marks
        else:
            found |= {portable(file, notebook): digest(file) for file in data_files(notebook, [pattern])}
    return dict(sorted(found.items()))


def data_files(notebook: Notebook, patterns: Iterable[str | Path]) -> list[Path]:
    """Return the files that `patterns` name, relative to the notebook's folder, sorted.

    A folder stands for every file in it.

    Raises
    ------
    BatchError
        When a declared input does not exist: its changes would never be seen.
    """
    folder = Path(notebook.path).parent
    found: set[Path] = set()
    for pattern in patterns:
        matches = _matching(folder, str(pattern))
        if not matches:
            raise BatchError(
                f"{notebook.name} declares the input {str(pattern)!r}, and no such file is there. "
                f"Correct the path, which starts from {folder}/."
            )
        found.update(matches)
    return sorted(found)


def portable(file: Path, notebook: Notebook) -> str:
    """Name a file relative to the notebook's folder, so that another machine says the same."""
    if is_url(notebook.path):
        return file.as_posix()
    return Path(os.path.relpath(file, Path(notebook.path).parent)).as_posix()


def environment_digest(locks: Iterable[str | Path] = ()) -> str:
    """Digest Python's version, the installed packages with versions, and the lock files given."""
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    installed = sorted(
        entry.name for path in paths if path for entry in os.scandir(path) if entry.name.endswith(".dist-info")
    )
    contents = [hashlib.sha256(Path(lock).read_bytes()).hexdigest() for lock in locks]
    return digest_of([list(sys.version_info[:3]), installed, contents])


def _matching(folder: Path, pattern: str) -> list[Path]:
    path = Path(pattern) if os.path.isabs(pattern) else folder / pattern
    if path.is_dir():
        files = (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        return [Path(os.path.normpath(file)) for file in files]
    if path.is_file():
        return [Path(os.path.normpath(path))]
    base, _, rest = str(path).partition("*")
    start = Path(base if base.endswith("/") else os.path.dirname(base))
    if (not rest and "*" not in str(path)) or not start.is_dir():
        return []
    wanted = str(path)[len(str(start)) :].lstrip("/")
    return [Path(os.path.normpath(file)) for file in start.glob(wanted) if file.is_file()]


State = tuple[int, int, int, int]
_KNOWN: dict[str, tuple[State, str]] = {}  # path -> what the file looked like, its sha256


def changed_input(path: str, inputs: Mapping[str, str]) -> str:
    """Say which input of a run is no longer what it was when the run was planned, or nothing.

    Parameters
    ----------
    path : str
        The notebook's file.
    inputs : mapping
        File, relative to the notebook's folder -> sha256. Files under URLs are not looked at again.
    """
    if is_url(path):
        return ""
    folder = Path(path).parent
    for name, digest in inputs.items():
        if not is_url(name) and _digest(folder / name) != digest:
            return f"{name} changed after the batch was planned. Run the same command again."
    return ""


def _digest(file: Path) -> str:
    """Digest a file, again only when it looks different: 1,000 runs share their inputs."""
    try:
        found = file.stat()
        state = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        if _KNOWN.get(str(file), (None,))[0] != state:
            with file.open("rb") as content:
                _KNOWN[str(file)] = (state, hashlib.file_digest(content, "sha256").hexdigest())
    except OSError:
        return ""  # gone, or being replaced: that is a change
    return _KNOWN[str(file)][1]


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
