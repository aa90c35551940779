"""The command that makes a chart, deck, note or workbook again from what the file says of itself: dx repeat.

The file may come from anyone. Nothing in it is carried out: notebook, parameters and languages are taken only where
they are ones this project knows, the command it names must say the same, and all is written into a fresh folder.
"""

from __future__ import annotations

import argparse
import re
import shlex
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dxanalysis.atomic import digest_of

from .common import BY_HAND, LOCK, NOTEBOOKS, TEMPLATE, data_files

_PICTURE = re.compile(r"[a-z][a-z0-9_]{0,60}\.(vi|en)")
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")
_PICTURES, _PAPERS = (".png", ".svg", ".pdf"), (".pptx", ".docx", ".pdf", ".xlsx")
ReadCommand = Callable[[str], argparse.Namespace]
_OFFICE = re.compile(r"[a-z0-9][a-z0-9-]{0,160}\.(?:vi|en)")


@dataclass(frozen=True)
class Wanted:
    """What a file says it was made by, after every part was found to be one this project knows.

    Attributes
    ----------
    runs : tuple of (notebook file, parameters)
    picture : str
        Name of the chart's file without its ending; empty for an office file.
    suffix : str
        Ending of the file.
    office, command : str
        Name of a deck, note, workbook or report without its ending, and the command that writes it.
    """

    runs: tuple[tuple[Path, dict[str, Any]], ...]
    picture: str
    suffix: str
    office: str = ""
    command: str = ""


def add_repeat(commands: Any, read_command: ReadCommand) -> None:
    """Describe `dx repeat`; `read_command` gives the options of a recorded `dx report` or `dx briefing`."""
    repeat = commands.add_parser(
        "repeat", help="make a chart, slide deck, note or workbook again and compare the bytes",
        description="Read what FILE says it was made from, make it again in a fresh folder, and compare the bytes. "
        "Refuses where data or code differ from what the file records.",
    )
    repeat.add_argument("file", type=Path, metavar="FILE", help=f"one of: {', '.join(sorted({*_PICTURES, *_PAPERS}))}")
    repeat.add_argument("--out", type=Path, metavar="DIR", help="a new or empty folder (default: a temporary one)")
    repeat.add_argument("--template", type=Path, help="the office template the file was written into, if one was used")
    repeat.set_defaults(command=repeat_command, read_command=read_command)


def repeat_command(options: argparse.Namespace) -> int:
    """Make a file again and say whether the bytes are the same: 0 the same, 1 not, 2 cannot be repeated here."""
    from dxanalysis.delivery import origin

    record = origin.read(options.file)
    wanted = understood(record, options.file.suffix.lower(), options.read_command)
    if found := differences(record, options.template):
        raise ValueError(f"{options.file.name} cannot be repeated here: {'; '.join(found)}.")
    folder = _fresh(options.out)
    again = _made(wanted, folder, options.template, options.read_command)
    if again is None:
        return 1
    same = digest_of(options.file) == digest_of(again)
    for path in (options.file, again):
        print(f"{digest_of(path)}  {path}")
    print("The bytes are the same." if same else "The bytes differ: the file was changed, or made on another system.")
    return 0 if same else 1


def understood(record: dict[str, Any], suffix: str, read_command: ReadCommand) -> Wanted:
    """Return what a record asks for, or refuse it with the part that this project does not know.

    >>> understood({"notebook": "30_attainment", "parameters": {}, "file": "../x.vi", "command": ""}, ".png", print)
    Traceback (most recent call last):
        ...
    ValueError: The record in the file names the picture '../x.vi'; a picture's name is like trend.vi or trend.en.
    """
    if "pack" in record:
        return _pack(record, suffix, read_command)
    name = str(record.get("file", ""))
    if not _PICTURE.fullmatch(name) or suffix not in _PICTURES:
        raise ValueError(
            f"The record in the file names the picture {name[:80]!r}; a picture's name is like trend.vi or trend.en."
        )
    notebook, parameters = _run(record)
    _same_command(str(record.get("command", "")), _pairs(_command(notebook, parameters)))
    return Wanted(((notebook, parameters),), name, suffix)


def _pack(record: dict[str, Any], suffix: str, read_command: ReadCommand) -> Wanted:
    name, command = str(record.get("file", "")).rpartition(".")[0], str(record.get("command", ""))
    if suffix not in _PAPERS or not _OFFICE.fullmatch(name):
        raise ValueError(f"The record in the file names the file {name[:80]!r}: not one of ours.")
    read_command(command)
    return Wanted((), "", suffix, name, command)


def _run(record: Any) -> tuple[Path, dict[str, Any]]:
    """Return a run's notebook and parameters: only notebooks of this project, only values they may take."""
    from dxanalysis.batch.notebooks import read_notebook
    from dxanalysis.batch.parameters import check

    record = record if isinstance(record, dict) else {}
    known = {path.stem: path for path in NOTEBOOKS.glob("[0-9]*_*.ipynb") if path.stem not in BY_HAND}
    name, given = str(record.get("notebook", "")), record.get("parameters")
    if name not in known or not isinstance(given, dict):
        raise ValueError(
            f"The record in the file names the notebook {name[:60]!r}. Notebooks: {', '.join(sorted(known))}."
        )
    parameters = {str(key): _value(str(key), value) for key, value in given.items()}
    return known[name], check(read_notebook(known[name]).declared, parameters, name)


def _value(name: str, value: Any) -> Any:
    """Return a parameter's value if it is a number or a plain word, and an area or indicator of the catalogue."""
    from dxanalysis import facts

    if isinstance(value, bool | int | float):
        return value
    text = _word(name, value)
    finders = {"area": facts.find_area, "indicator": facts.find_indicator}
    if name in finders and finders[name](text).id != text:
        raise ValueError(f"The record in the file gives the {name} {text!r}, which the catalogue does not have.")
    if name == "as_of":
        facts.as_of_date(text, 2000)
    return text


def _word(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise ValueError(
            f"The record in the file gives {str(value)[:60]!r} for {name}; allowed are small letters, digits, - and _."
        )
    return value


def _command(notebook: Path, parameters: dict[str, Any]) -> list[str]:
    from dxanalysis.delivery import origin

    return origin.command_of(notebook.stem, parameters)


def _pairs(words: list[str]) -> set[tuple[str, str]]:
    return set(zip(words[2::2], words[3::2], strict=True))


def _same_command(command: str, expected: set[tuple[str, str]]) -> None:
    """Refuse a command that does not say what the record says; it is compared, never carried out."""
    try:
        words = shlex.split(command)
        found = _pairs(words)
    except ValueError:
        words, found = [], set()
    if words[:2] != ["dx", "run"] or found != expected or len(words) != 2 + 2 * len(expected):
        raise ValueError(f"The command in the file, {command[:120]!r}, is not the one its record stands for.")


def differences(record: dict[str, Any], template: Path | None = None) -> list[str]:
    """Name what is not here as it was when a file was made: data, code, packages, template."""
    from dxanalysis import facts
    from dxanalysis.delivery import origin

    held, recorded, name = facts.digest(), str(record.get("data_digest")), str(record.get("notebook", ""))
    found = [] if recorded == held else [
        f"its data differ from the data here (recorded {recorded[:12]}, here {held[:12]})"
    ]
    parts = _unlike(record.get("methods"), origin.methods(name))
    found += [f"the code of {_whose(part, name)} differs" for part in parts]
    found += [
        f"{package} is {origin.versions([package]).get(package, 'not installed')} here and was {was}"
        for package, was in _mapping(record.get("packages")).items()
        if origin.versions([package]).get(package) != was
    ]
    return [*dict.fromkeys(found), *_other_template(record.get("template"), template)]


def _whose(part: str, notebook: str) -> str:
    return f"notebook {notebook}" if part == "notebook" else part


def _mapping(value: Any) -> dict[str, Any]:
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}


def _unlike(recorded: Any, here: dict[str, str]) -> list[str]:
    was = _mapping(recorded)
    return [name for name, digest in here.items() if was.get(name) != digest]


def _other_template(recorded: Any, template: Path | None) -> list[str]:
    given = None if template is None else digest_of(template)
    if recorded == given:
        return []
    if recorded is None:
        return ["it was made without a template; leave out --template"]
    return [f"it was written into a template (sha256 {str(recorded)[:12]}); give that file with --template"]


def _fresh(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="dx-repeat-"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"--out takes a new or an empty folder; {folder} is not empty.")
    return folder


def _made(wanted: Wanted, folder: Path, template: Path | None, read_command: ReadCommand) -> Path | None:
    """Run what is wanted into a folder and return the file made there, or None where a run failed."""
    from dxanalysis import batch
    from dxanalysis.batch import Matrix

    if wanted.command:
        options = read_command(wanted.command)
        options.out, options.template = folder, template
        options.command(options)
        return next(folder.rglob(f"{wanted.office}{wanted.suffix}"))

    matrices = [
        Matrix((str(path),), {name: [str(value)] for name, value in given.items()}) for path, given in wanted.runs
    ]
    plan = batch.plan(matrices, out=folder, template=TEMPLATE, inputs=data_files, locks=[LOCK])
    result = batch.run(plan)
    if result.exit_code:
        print(result)
        return None
    return folder / plan.runs[0].output / f"{wanted.picture}{wanted.suffix}"
