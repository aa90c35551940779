"""The commands. Each file here describes and carries out one group of them; all rooms meet here."""

from __future__ import annotations

import argparse
import errno
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from dxanalysis import __version__

from .capsule import add_capsule
from .common import Plain, damage, visible
from .data import add_data
from .lab import add_lab, passed_on
from .repeating import add_repeat
from .report import add_report, read_command
from .results import add_assess, add_diff, add_record, add_results
from .run import add_run
from .site import add_site

MOST_SAID = 2_000  # characters of one line of an error
QUESTION = "Is this digital-transformation target being met, how sure are we, and what would it take?"
GROUPS = (
    *(add_assess, add_run, add_results, add_site, add_report, partial(add_repeat, read_command=read_command)),
    *(add_diff, add_record, add_data, add_lab, partial(add_capsule, read_command=read_command)),
)


FIRST_STEPS = f"""{QUESTION}

The five commands to begin with (dx is short for: python3 dx.py):
  dx run                     run the analyses, then open outputs/index.html
  dx assess --areas "Quảng Ninh" --years 2025
                             print where every target stands: met, missed, due, open, and how likely
  dx lab                     JupyterLab; start with notebooks/30_attainment
  dx data list               indicators, areas, years and definitions there are
  dx data import FILE        what is understood of figures of your own

dx more                      all commands and options
dx COMMAND --help            the options of one
"""


class Suggesting(argparse.ArgumentParser):
    """Takes options by their whole names only, and names the nearest command or option where one is unknown.

    A beginning of a name (`--area` for `--areas`) would mean something else as soon as an option is added.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, allow_abbrev=False)
        self._given: list[str] = []

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read words; what this command does not know is refused here, where its own options can be suggested."""
        self._given = list(args or [])
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Say what was wrong, what was perhaps meant, and where all of it is listed; end with exit code 2."""
        known = set(self._option_string_actions)
        for action in self._actions:
            known |= set(action.choices) if isinstance(action, argparse._SubParsersAction) else set()
        options = [word.split("=")[0] for word in self._given if word[:2] == "--"]
        unknown = re.findall(r"invalid choice: '([^']*)'", message) or [one for one in options if one not in known]
        near = [found for word in unknown for found in get_close_matches(word, sorted(known), n=1)]
        meant = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        self.exit(2, f"dx: {message.split(' (choose from')[0]}.{meant} All of it: {self.prog} --help\n")


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Return a parser and those of its commands, at any depth."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _parsers(one)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 some runs failed, 2 the command could not be carried out.

    An error is one sentence with its cure; DX_TRACEBACK=1 shows where in the code it arose.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if odd := [word for word in words if not _is_text(word)]:
        return _refused(f"the argument {os.fsencode(odd[0])!r} is not UTF-8. Write names as UTF-8 (LANG=C.UTF-8).")
    if empty := _emptied(words):
        return _refused(f"the value of {empty} is empty; is a variable in it not set? Give a value, or leave it out.")
    if words in ([], ["more"]):
        print(_everything() if words else FIRST_STEPS, end="")
        return 0
    options = parser().parse_args(passed_on(words))
    if getattr(options, "data", None):
        os.environ["DX_DATA"] = os.pathsep.join(filter(None, [options.data, os.environ.get("DX_DATA")]))
    try:
        with redirect_stdout(Plain(sys.stdout)), stoppable():
            code = options.command(options)
    except KeyboardInterrupt:  # before or after the runs; while they run, the batch itself listens
        print("dx: stopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        told = _told(error)
        if os.environ.get("DX_TRACEBACK") or not told:
            raise
        return _refused(told)
    if code == 1 and (broken := damage()):  # runs may have failed for what no run can know
        print(visible(f"dx: {broken}"), file=sys.stderr)
    return code


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: with its children, and with nothing half written."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    here = threading.current_thread() is threading.main_thread()
    ours = [number for number in numbers if here and signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _everything() -> str:
    """Return every command and what it does, then every option of each."""
    top = parser()
    parts = [top.format_help()]
    for one in list(_parsers(top))[1:]:
        form = one._get_formatter()
        form.start_section(one.prog)
        form.add_arguments([action for action in one._actions if not isinstance(action, argparse._HelpAction)])
        form.end_section()
        parts.append(form.format_help())
    return "\n".join(filter(None, parts))


def _told(error: Exception) -> str:
    """Return an error as one sentence with its cure; nothing where it is a fault of ours, which shows its place."""
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        return f"{error}: this shell lets a program open too few files. Raise the limit and try again: ulimit -n 1024"
    raised = isinstance(error, (ValueError, OSError, ImportError))  # by the rooms, with a cure in the message
    looks_damaged = isinstance(error, ImportError) or not raised or sys.prefix in str(error)
    if looks_damaged and (broken := damage()):
        return broken
    if isinstance(error, FileNotFoundError) and error.errno == errno.ENOENT and error.filename:
        return _not_there(Path(os.fsdecode(error.filename)))
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return f"the name {str(error.filename)[:60]!r}… is longer than this system can hold. Give a shorter one."
    # A fault of data may have lines; in any other sentence a line break comes from a name that holds one.
    lines = str(error).split("\n") if hasattr(error, "problems") else [str(error).replace("\n", "\\n")]
    return "\n".join(_shortened(line) for line in lines) if raised else ""


def _shortened(line: str) -> str:
    """Return a sentence without the middle of a value of thousands of characters that it repeats."""
    return line if len(line) <= MOST_SAID else f"{line[: MOST_SAID // 2]} … {line[-MOST_SAID // 4 :]}"


def _not_there(path: Path) -> str:
    """Say which file is missing, in which folder it was looked for, and what lies there under a like name.

    >>> _not_there(Path("no_such_folder") / "a.png").split(". ")[0]
    "There is no file 'a.png' in no_such_folder, which is no folder"
    """
    folder = path.parent
    if not folder.is_dir():
        return f"There is no file {path.name!r} in {folder}, which is no folder. Check the spelling of the path."
    there = f"the folder you are in ({Path.cwd()})" if str(folder) == "." else str(folder)
    near = get_close_matches(path.name, [one.name for one in folder.iterdir()], n=1)
    return f"There is no file {path.name!r} in {there}. " + (
        f"Did you mean {near[0]!r}?" if near else "Check the spelling of the path.")


def _refused(sentence: str) -> int:
    print(visible(f"dx: {sentence}"), file=sys.stderr)
    return 2


def _emptied(words: Sequence[str]) -> str:
    """Return the option or argument that is given as nothing, which must not mean everything; Jupyter's are its own.

    >>> _emptied(["run", "--notebooks", ""]), _emptied(["run", "--areas= "]), _emptied(["run", "-p", "note="])
    ("'--notebooks'", "'--areas'", '')
    """
    if words[:1] in (["lab"], ["explore"]):
        return ""
    for before, word in zip(["the command", *words], words, strict=False):
        option, _, value = word.partition("=") if word.startswith("--") and "=" in word else (before, "", word)
        if not value.strip():
            return repr(option) if option.startswith("-") else "an argument"
    return ""


def _is_text(word: str) -> bool:
    try:
        return bool(word.encode()) or not word
    except UnicodeEncodeError:  # bytes that are no UTF-8 reach Python as halves of letters, which nothing can write
        return False


def parser() -> argparse.ArgumentParser:
    """Describe every command and option."""
    top = Suggesting(prog="dx", description=QUESTION)
    top.add_argument("--version", action="version", version=f"dxanalysis {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for add in GROUPS:
        add(commands)
    return top
