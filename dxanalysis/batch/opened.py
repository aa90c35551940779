"""Note what a program opens, from inside it: sent to a kernel as text, whatever Python that is, and run there.

An audit hook writes one line per file, folder, program or host, when it is met for the first time:
``('read', '/data/a.csv', 1700000000, 12)``. Children that are forked write to the same file. Needs nothing of ours.
"""

from __future__ import annotations

import atexit
import os
import sys

WRITTEN_ANEW = os.O_TRUNC | os.O_EXCL
MOST = 20_000  # lines; a run that opens more is not followed to the end
OF_THE_SYSTEM = ("/proc/", "/sys/", "/dev/fd", "/etc/", "/usr/share/", "/usr/lib/", "/lib/")
OWN_FOLDERS = ("NOTEBOOK_RUN_DIR", "MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")
OF_THE_USER = ("~/.ipython", "~/.jupyter", "~/.matplotlib", "~/.cache/matplotlib", "~/.config/matplotlib")
# Programs that tell of the machine, or turn what they are given into a picture.
HARMLESS = "uname lscpu ldconfig ld gcc cc objdump fc-list dot latex pdflatex xelatex lualatex dvipng dvisvgm kpsewhich"
SPAWNING = ("popen_spawn_posix", "popen_spawn_win32", "popen_forkserver", "popen_loky_posix", "popen_loky_win32")
# They look for modules in folders; of these only what is found and opened counts.
SEARCHING = ("importlib._bootstrap_external", "importlib.metadata", "pkgutil", "pkg_resources", "zipimport")


class Record:
    """Write down what is opened: `note` is the hook, `end` writes the last line, without which nothing is sure."""

    def __init__(self, target: str) -> None:
        self.file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        prefixes = {os.path.dirname(os.__file__), *(os.path.join(sys.prefix, part) for part in ("share", "etc"))}
        prefixes |= {os.path.dirname(target), *filter(None, map(os.environ.get, OWN_FOLDERS))}
        prefixes |= set(map(os.path.expanduser, OF_THE_USER))
        self.passed_over = (*OF_THE_SYSTEM, *(os.path.join(os.path.abspath(place), "") for place in prefixes))
        self.seen = set()
        self.whole = True
        self.pid = os.getpid()
        self.events = {
            "open": self.opened,
            "os.listdir": self.listed,
            "os.scandir": self.listed,
            "os.mkdir": lambda path, *_: self.path("write", path),
            "os.rename": lambda _, path, *__: self.path("write", path),
            "os.link": lambda _, path, *__: self.path("write", path),
            "os.symlink": lambda _, path, *__: self.path("write", path),
            "sqlite3.connect": self.connected,
            "import": self.imported,
            "ctypes.dlopen": lambda name, *_: self.path("read", name) if name and "/" in str(name) else None,
            "subprocess.Popen": lambda program, words, *_: self.started(program or words[0]),
            "os.system": lambda command, *_: self.started(os.fsdecode(command).split()[0]),
            "os.posix_spawn": lambda program, *_: self.started(program),
            "os.exec": lambda program, *_: self.started(program),
            "socket.connect": self.reached,
        }

    def note(self, event: str, words: tuple) -> None:
        """Take one event of the interpreter; whatever goes wrong here must not reach the program."""
        action = self.events.get(event)
        if action is not None:
            try:
                action(*words)
            except Exception:
                self.whole = False

    def opened(self, path: str | bytes | int, _: str | None, flags: int) -> None:
        """Note a file by the way in which it is opened."""
        if isinstance(path, (str, bytes)):
            new = flags & WRITTEN_ANEW or flags & (os.O_WRONLY | os.O_RDWR) == os.O_WRONLY
            self.path("write" if new else "read", path)

    def listed(self, path: str | bytes | int | None) -> None:
        """Note whose names a program looks at; where modules are searched for, only what is found counts."""
        if not isinstance(path, int) and sys._getframe(2).f_globals.get("__name__") not in SEARCHING:
            self.path("list", "." if path is None else path)

    def connected(self, database: str | bytes) -> None:
        """Note a file of SQLite; one that is not there yet is made by this."""
        name = os.fsdecode(database).partition("?")[0]
        name = name[len("file:") :] if name.startswith("file:") else name
        if name and name != ":memory:":
            self.path("read" if os.path.exists(name) else "write", name)

    def imported(self, name: str, file: str | None = None, *_: object) -> None:
        """Note compiled modules, which the system opens, and what starts processes that cannot be looked into."""
        if file:
            self.path("read", file)
        elif name.rpartition(".")[2] in SPAWNING:
            self.line("program", "Python (spawn)")

    def started(self, program: str | bytes) -> None:
        """Note a program."""
        name = os.path.basename(os.fsdecode(program))
        if name not in HARMLESS.split():
            self.line("program", name)

    def reached(self, _: object, address: object) -> None:
        """Note another machine."""
        if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "localhost", "::1")):
            self.line("host", str(address[0]))

    def path(self, kind: str, path: str | bytes) -> None:
        """Note a file or folder of the user's, with its state as it is now."""
        path = os.path.abspath(os.fsdecode(path))
        if path.endswith(".pyc"):
            path = self.source(path)
        if (kind, path) in self.seen or "-packages" in path or (path + os.sep).startswith(self.passed_over):
            return
        self.seen.add((kind, path))
        try:
            found = os.stat(path)
        except OSError:
            self.line(kind, path, None, None)
            return
        if found.st_mode & 0o170000 in (0o100000, 0o040000):  # pipes and devices have no content of their own
            listing = found.st_mode & 0o170000 == 0o040000
            if listing == (kind == "list") or kind == "write":
                self.line(kind, path, found.st_mtime_ns, found.st_size)

    @staticmethod
    def source(path: str) -> str:
        """Name the source of a compiled file, which alone counts."""
        try:
            return sys.modules["_frozen_importlib_external"].source_from_cache(path)
        except (KeyError, ValueError):
            return path

    def line(self, kind: str, name: str, *state: int | None) -> None:
        """Write one line, once."""
        text = ascii((kind, name, *state)) + "\n"
        if text not in self.seen and len(self.seen) < MOST:
            self.seen.add(text)
            os.write(self.file, text.encode())
        self.whole = self.whole and len(self.seen) < MOST

    def end(self) -> None:
        """Say that everything was noted; called when the interpreter ends."""
        if self.whole and os.getpid() == self.pid:
            os.write(self.file, b"('end',)\n")


def begin(target: str) -> None:
    """Write down from now on what this program opens."""
    record = Record(target)
    sys.addaudithook(record.note)
    atexit.register(record.end)
