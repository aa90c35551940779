"""Make the results of a capsule again, without a network, and compare them with those inside."""

from __future__ import annotations

import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

NOWHERE = "http://127.0.0.1:9"  # the port of discard: whatever asks the network through a proxy is refused
DIGITS = 9  # to which a figure must come out again on another processor
NUMBERS_IN = {".csv", ".json"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^ ;\\]+)(?: ; (.*?))?(?: \\)?$", re.MULTILINE)


def rebuilt(archive: Path, into: Path | None, jobs: int | None, read_command: Callable[[str], Any]) -> int:
    """Unpack, run and compare; print what differs and return 1 where anything does.

    `read_command` refuses a command that is not one `dx report` or `dx briefing` records.
    """
    from dxanalysis.delivery import capsule

    with _folder(into) as place:
        record = capsule.unpack(archive, place / "capsule")
        python = python_for(record, place)
        print(f"Rebuilding {len(record['runs'])} runs with {python}, {'cut off from' if cut_off() else 'no'} network")
        code = run_again(record, place, python, jobs) or write_again(record, place, python, read_command)
        different, close, same = compared(record, place)
    print(*different, *close, sep="\n", end="\n" if different or close else "")
    counted = f"{same} figures, tables, facts and notebooks rebuilt the same to the byte"
    print(f"{counted}, {len(close)} to the {DIGITS}th digit, {len(different)} differ")
    return int(bool(different or code))


@contextmanager
def _folder(into: Path | None) -> Any:
    if into is not None:
        yield into
        return
    with tempfile.TemporaryDirectory(prefix="capsule-") as folder:
        yield Path(folder)


def python_for(record: Mapping[str, Any], place: Path) -> str:
    """Return the Python to rebuild with: a new environment from the capsule's wheels, else this one where it fits.

    Raises
    ------
    OSError
        When this environment holds other versions than the capsule's lock file names and no wheels are inside.
    """
    if record.get("wheels"):
        return _new_environment(place)
    lock = place / "capsule" / "code" / "requirements.lock"
    other = other_versions(lock.read_text(encoding="utf-8"))
    if other:
        raise OSError(
            f"This environment differs from the capsule's lock file: {', '.join(other[:5])}. "
            "Verify it with the dx.py of its own code, or ask for a capsule made with --wheels."
        )
    return sys.executable


def other_versions(lock: str) -> list[str]:
    """Return the packages of a lock file that are installed here in another version, as ``name 1.0 (locked 2.0)``.

    A package that is not installed is one that another system or Python needs, as its marker says.

    >>> other_versions("pandas==0.1 \\\\\\n    --hash=sha256:00\\nno-such-package==1.0 ; sys_platform == 'beos' \\\\")
    ... # doctest: +ELLIPSIS
    ['pandas ... (locked 0.1)']
    """
    found, pinned = [], {}
    for name, version, _ in _PIN.findall(lock):
        pinned.setdefault(name, set()).add(version)
    for name, versions in pinned.items():
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if here not in versions:
            found.append(f"{name} {here} (locked {' or '.join(sorted(versions))})")
    return found


def _new_environment(place: Path) -> str:
    """Make an environment from the capsule's wheels alone and return its Python."""
    inside = place / "capsule"
    subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True)  # noqa: S603
    python = str(place / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-index"]
    locked = [
        "--find-links",
        str(inside / "wheels"),
        "--require-hashes",
        "-r",
        str(inside / "code" / "requirements.lock"),
    ]
    project = ["--no-deps", "--no-build-isolation", str(inside / "code")]
    for words in (locked, project):
        done = subprocess.run([*pip, *words], capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            raise OSError(
                f"The capsule's packages do not make an environment here: {why} It was made for another machine."
            )
    return python


def run_again(record: Mapping[str, Any], place: Path, python: str, jobs: int | None) -> int:
    """Run every run of a capsule in its own code and data, into the folder `rebuilt`; return the exit code."""
    (place / "elsewhere").mkdir()
    # Notebooks are named from the folder of the matrix file.
    matrix = place / "capsule" / "code" / "notebooks" / "capsule.yml"
    matrix.write_text(json.dumps(matrix_of(record["runs"]), ensure_ascii=False), encoding="utf-8")
    code = _inside(record, place, [python, "run", "--matrix", str(matrix), *(["--jobs", str(jobs)] if jobs else [])])
    matrix.unlink()
    return code


def write_again(
    record: Mapping[str, Any], place: Path, python: str, read_command: Callable[[str], Any]
) -> int:
    """Write the decks, notes, workbooks and reports of a capsule again; return the exit code.

    Raises
    ------
    ValueError
        For a command that is not one `dx report` or `dx briefing` records: nothing else is carried out.
    """
    commands = dict.fromkeys(one["command"] for one in record.get("papers", []))
    for command in commands:
        read_command(command)
    return max((_inside(record, place, [python, *shlex.split(command)[1:]]) for command in commands), default=0)


def _inside(record: Mapping[str, Any], place: Path, words: list[str]) -> int:
    """Carry out a command of a capsule's own code, in its own data, into the folder `rebuilt`."""
    python, *rest = words
    inside = place / "capsule"
    command = [*cut_off(), python, "-m", "dxanalysis", *rest, "--out", str(place / "rebuilt")]
    env = environment(inside, [inside / "data" / name for name in record.get("data", [])], place)
    return subprocess.run(command, cwd=inside / "code", env=env, check=False).returncode  # noqa: S603


def matrix_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the matrices that repeat runs: every value as the text that a notebook's parameters cell types again.

    >>> matrix_of([{"notebook": "notebooks/10_trend.ipynb", "parameters": {"year": 2025, "growth": None}}])
    {'run 1': {'notebooks': ['10_trend'], 'parameters': {'year': '2025', 'growth': 'null'}}}
    """
    return {
        f"run {number}": {
            "notebooks": [Path(row["notebook"]).stem],
            "parameters": {name: _as_text(value) for name, value in row["parameters"].items()},
        }
        for number, row in enumerate(rows, start=1)
    }


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return value if isinstance(value, str) else "null" if value is None else repr(value)


def environment(inside: Path, packages: Iterable[Path], place: Path) -> dict[str, str]:
    """Return the environment of a rebuild: the capsule's own code and data, no network, nothing in the user's home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DX_", "PYTHON", "JUPYTER"))}
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)
    var = place / "elsewhere"
    own = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "jupyter",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "MPLCONFIGDIR": "mpl",
    }
    return {
        **kept, **proxies, "no_proxy": "localhost,127.0.0.1", "PIP_NO_INDEX": "1", "PYTHONUTF8": "1",
        "PYTHONNOUSERSITE": "1", "PYTHONPATH": str(inside / "code"), "DX_DATA": os.pathsep.join(map(str, packages)),
        **{name: str(var / folder) for name, folder in own.items()},
    }


def cut_off() -> list[str]:
    """Return the words before a command that leave it without any network, where this system can; else none."""
    unshare = shutil.which("unshare")
    words = [unshare, "--map-root-user", "--net"] if unshare else []
    able = bool(words) and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0  # noqa: S603
    return words if able else []


def compared(record: Mapping[str, Any], place: Path) -> tuple[list[str], list[str], int]:
    """Return what differs between the results inside a capsule and the rebuilt ones, what is close, and how many agree.

    Close are tables and facts whose numbers agree to the ninth digit: another processor adds in another order.
    """
    different, close, same = added(record, place), [], 0
    for row in (*record["runs"], *record.get("papers", [])):
        for name in sorted(row["outputs"]):
            one, other = (place / top / row["output"] / name for top in ("capsule/outputs", "rebuilt"))
            if not other.is_file():
                different.append(f"{row['output']}/{name} was not rebuilt")
            elif _content(one) == _content(other):
                same += 1
            elif one.suffix in NUMBERS_IN and agree(one.read_text(encoding="utf-8"), other.read_text(encoding="utf-8")):
                close.append(f"{row['output']}/{name} is the same to the {DIGITS}th digit")
            else:
                different.append(f"{row['output']}/{name} differs")
    return different, close, same


def added(record: Mapping[str, Any], place: Path) -> list[str]:
    """Return which files the runs leave that the capsule does not hold: somebody has taken them out."""
    found = []
    for row in record["runs"]:
        folder = place / "rebuilt" / row["output"]
        names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        found += [f"{row['output']}/{name} was rebuilt and is not in the capsule" for name in names
                  if name not in row["outputs"]]
    return found


def agree(one: str, other: str) -> bool:
    """Tell whether two texts are the same but for the last digits of their numbers.

    >>> agree("Huế,2025,0.3608968184935603", "Huế,2025,0.3608968184935593")
    True
    >>> agree("Huế,2025,0.36089", "Huế,2025,0.36088"), agree("Huế,2025", "Vinh,2025")
    (False, False)
    """
    if _NUMBER.split(one) != _NUMBER.split(other):
        return False
    return all(map(_close, _NUMBER.findall(one), _NUMBER.findall(other)))


def _close(one: str, other: str) -> bool:
    if one == other or (one + other).replace("-", "").isdigit():  # whole numbers: years, counts, codes such as 007
        return one == other
    return math.isclose(float(one), float(other), rel_tol=10**-DIGITS, abs_tol=10**-12)


def _content(path: Path) -> Any:
    """Return what is compared: bytes; of an executed notebook all but its record of the installed environment."""
    if path.suffix != ".ipynb":
        return path.read_bytes()
    content = json.loads(path.read_text(encoding="utf-8"))
    content["metadata"].get("batch", {}).pop("provenance", None)
    return content
