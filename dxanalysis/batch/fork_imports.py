"""Import modules in a fork server, and let each forked kernel see only those that it imports itself.

What a kernel imports is there at once; what it has not imported is not in ``sys.modules``, is no attribute of its
package (``import matplotlib`` alone gives no ``matplotlib.pyplot``), and its warning filters are not set. To know this,
it is recorded, while a module is executed, what it imports and which filters it sets.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import importlib.machinery
import importlib.util
import itertools
import os
import sys
import warnings
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any

NEWEST = 64  # names at the end of `sys.modules` in which those are looked for that no import statement has named
FILTERING = ("filterwarnings", "simplefilter")
# What a package does with the shell when it is imported in a kernel, done when the kernel imports it: its public name.
WITH_THE_SHELL = {"ipywidgets": "load_ipython_extension"}


class Imports:
    """Record imports, put the modules away, and bring each back when it is imported; a finder for ``sys.meta_path``.

    Attributes
    ----------
    away : dict
        Modules that are loaded and that nobody has imported since they were put away.
    needs : dict
        Module -> the modules that were imported while it was executed, whether by itself or by what it called.
    """

    def __init__(self) -> None:
        self.base = {*sys.modules, "__main__"} - {"gc"}  # of these, what a new kernel has not imported
        self.away: dict[str, ModuleType] = {}
        self.needs: dict[str, set[str]] = {}
        self._filters: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]] = []
        self._lasting = warnings.filters  # while some are set for a moment only, another list is in its place
        self._first_filters = list(warnings.filters)
        self._specs: dict[str, Any] = {}
        self._shown: set[str] = set()  # modules that are attributes of their packages once somebody has imported them
        self._coming: dict[int, str] = {}
        self._recording = False
        self._stand_ins: dict[int, tuple[Any, Any]] = {}  # what notices, and the function in whose place it was
        self._seen: set[str] = set()
        self.behind: set[str] = set()  # files of the user's own that filled caches have come from

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Record what is imported meanwhile, and by which module."""
        real = builtins.__import__, importlib.import_module, {name: getattr(warnings, name) for name in FILTERING}

        def noticing_import(
            name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
        ) -> ModuleType:
            module = real[0](name, globals, locals, fromlist, level)
            full = _resolved(name, globals, level)
            parts = full.split(".")
            names = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
            found = sys.modules.get(full)
            listed = getattr(found, "__all__", ()) if fromlist and "*" in fromlist else fromlist or ()
            self._note(*names, *(f"{full}.{part}" for part in listed))
            return module

        def noticing_import_module(name: str, package: str | None = None) -> ModuleType:
            module = real[1](name, package)
            self._note(importlib.util.resolve_name(name, package))
            return module

        builtins.__import__, importlib.import_module = noticing_import, noticing_import_module
        self._stand_ins[id(noticing_import_module)] = noticing_import_module, real[1]
        for name, function in real[2].items():
            setattr(warnings, name, noticing := self._noticing_filter(name, function))
            self._stand_ins[id(noticing)] = noticing, function
        sys.meta_path.insert(0, self)
        self._recording, self._seen = True, set(sys.modules)
        try:
            yield
        finally:
            self._recording = False
            sys.meta_path.remove(self)
            builtins.__import__, importlib.import_module = real[:2]
            for name, function in real[2].items():
                setattr(warnings, name, function)

    def forget(self, package: str) -> list[str]:
        """Forget a package and all that needs it: the kernels import them themselves. Returns the names."""
        inside = [name for name in self.needs if name == package or name.startswith(f"{package}.")]
        gone = {name for name in sys.modules if name == package or name.startswith(f"{package}.")}
        gone |= {name for name in sys.modules if name not in self.base and not self.closure(name).isdisjoint(inside)}
        for name in gone:
            sys.modules.pop(name)
        return sorted(gone)

    def closure(self, name: str) -> set[str]:
        """Return what is there once a module is imported: what it needs, what that needs, and so on."""
        found: set[str] = set()
        todo = [name]
        while todo:
            for need in self.needs.get(todo.pop(), ()):
                if need not in found:
                    found.add(need)
                    todo.append(need)
        return found

    def put_away(self) -> None:
        """Take what was imported so far out of sight."""
        new = {name: module for name, module in sys.modules.items() if name not in self.base}
        for name in new:
            module = sys.modules.pop(name)
            self.away[name] = module
            space = getattr(module, "__dict__", {})  # not its attributes: modules that load others lazily answer to any
            space.pop("__warningregistry__", None)  # which warnings were given already
            for kept in [one for one, value in space.items() if id(value) in self._stand_ins]:
                space[kept] = self._stand_ins[id(space[kept])][1]  # a traceback would show it
            self._specs[name] = space.get("__spec__")
        packages = {name.rpartition(".")[0] for name in new} - {""}
        own = {package: self.closure(package) for package in packages}  # what a package shows without being asked
        for name, module in new.items():
            package, _, leaf = name.rpartition(".")
            space = getattr(self.away.get(package) or sys.modules.get(package), "__dict__", {})
            if package and name not in own[package] and space.get(leaf) is module:
                self._shown.add(name)
                del space[leaf]
        self.needs.pop("__main__", None)  # what the server itself has asked for
        warnings.resetwarnings()
        warnings.filters.extend(self._first_filters)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find a module that was put away; while recording, only take note."""
        self._note(name)
        if name not in self.away:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=hasattr(self.away[name], "__path__"))

    def create_module(self, spec: Any) -> ModuleType:
        """Return the module itself: it has been executed already."""
        self._coming[id(self.away[spec.name])] = spec.name
        return self.away[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Bring back what the module needs and do what importing it does beside."""
        name = self._coming.pop(id(module))
        with contextlib.suppress(AttributeError):  # what stands in sys.modules need not be a module
            module.__spec__ = self._specs[name]
        back = [one for one in {name, *self.closure(name)} if one in self.away]
        for one in back:
            sys.modules[one] = self.away.pop(one)
        if "__mp_main__" in back:  # a second name that multiprocessing gives to the program
            sys.modules["__mp_main__"] = sys.modules["__main__"]
        for one in back:
            package, _, leaf = one.rpartition(".")
            if one in self._shown and package in sys.modules:
                setattr(sys.modules[package], leaf, sys.modules[one])
        for owner, function, words, options in self._filters:
            if owner in back:
                getattr(warnings, function)(*words, **options)
        self._tell_what_was_opened(back)
        for one in WITH_THE_SHELL.keys() & set(back):
            shell = sys.modules["IPython"].get_ipython()
            if shell is not None:
                getattr(sys.modules[one], WITH_THE_SHELL[one])(shell)

    def _tell_what_was_opened(self, back: list[str]) -> None:
        """Tell who listens (see `opened.py`) of the files that importing would have opened, and caches have."""
        files = [vars(module).get("__file__") for one in back if isinstance(module := sys.modules[one], ModuleType)]
        own = {file for file in files if file and "-packages" not in file}
        for file in own | self.behind if own else ():
            sys.audit("open", file, "rb", os.O_RDONLY)

    def _note(self, *names: str) -> None:
        """Write that the module being executed needs these, and what has come along: compiled parts, second names."""
        if not self._recording:
            return  # a module has kept the function that noticed its imports
        self._seen.update(names)
        came = {name for name in itertools.islice(reversed(sys.modules), NEWEST) if name not in self._seen}
        self._seen |= came
        self.needs.setdefault(_executing(sys._getframe(2)), set()).update(names, came)

    def _noticing_filter(self, name: str, function: Any) -> Any:
        def noticing(*words: Any, **options: Any) -> None:
            function(*words, **options)
            if self._recording and warnings.filters is self._lasting:
                self._filters.append((_executing(sys._getframe(1)), name, words, options))

        return noticing


def _executing(frame: FrameType | None) -> str:
    """Name the module that is being executed: the innermost one on the stack of calls."""
    while frame is not None:
        if frame.f_code.co_name == "<module>" and "__name__" in frame.f_globals:
            return str(frame.f_globals["__name__"])
        frame = frame.f_back
    return ""


def _resolved(name: str, scope: Any, level: int) -> str:
    if not level:
        return name
    package = scope.get("__package__") or scope["__name__"].rpartition(".")[0]
    return importlib.util.resolve_name("." * level + name, package)
