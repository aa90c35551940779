"""The commands about proof: dx capsule (one archive of all that a result needs) and dx verify."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from dxanalysis.atomic import digest_of

from .common import OUTPUTS, ROOT

LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-remote.lock")
# Of an archive of the sources without version control: what belongs to the project.
SOURCES = (
    "*.md",
    "*.lock",
    "*.toml",
    "*.yml",
    "LICENSE",
    "dx.py",
    "data/**/*",
    "dxanalysis/**/*",
    "notebooks/*",
    ".ci/*",
)
KEPT = ("output", "notebook", "parameters", "digest", "parts", "inputs", "outputs", "versions", "started", "seconds")
DATA_KINDS = {".csv", ".json", ".parquet"}


def add_capsule(commands: Any, read_command: Callable[[str], argparse.Namespace]) -> None:
    """Describe `dx capsule` and `dx verify`; `read_command` gives the options of a recorded `dx report`."""
    capsule = commands.add_parser(
        "capsule", help="one archive of data, code, lock files and results", description="Write one archive that holds "
        "what the results were made from (data packages, code, lock files) and the results, with the digest of each."
    )
    capsule.add_argument("file", nargs="?", type=Path, help="default: capsule.zip in the output folder")
    capsule.add_argument("--out", type=Path, default=OUTPUTS, help="output folder of the runs")
    capsule.add_argument("--wheels", action="store_true", help="add the packages themselves, for this kind of machine")
    capsule.set_defaults(command=capsule_command)
    verify = commands.add_parser(
        "verify", help="check a capsule", description="Check the digest of every file of a capsule. "
        "With --rebuild, run the capsule's code (it is a program: do so only where you trust its maker) without a "
        "network, and compare every result."
    )
    verify.add_argument("archive", type=Path, help="a capsule made by `dx capsule`")
    verify.add_argument("--rebuild", action="store_true", help="make every result again and compare")
    verify.add_argument(
        "--into", type=Path, metavar="DIR", help="keep what was unpacked and rebuilt in this new folder"
    )
    verify.add_argument("--jobs", type=int, help="runs at a time")
    verify.set_defaults(command=verify_command, read_command=read_command)


def capsule_command(options: argparse.Namespace) -> int:
    """Gather all that the results need, see that it is what they were made from, and pack it."""
    from dxanalysis.delivery import capsule

    target = options.file or options.out / "capsule.zip"
    rows = finished(options.out)
    with tempfile.TemporaryDirectory() as folder:
        packed = wheels(Path(folder)) if options.wheels else {}  # takes minutes: what changes meanwhile is seen below
        written = papers(options.out)
        files: dict[str, Path | bytes] = {**sources(ROOT), **data_packages(), **results(options.out, rows, written)}
        refuse_stale(rows, files, options.out)
        about = described(rows, files) | {"papers": written}
        files |= packed
        made = capsule.write_capsule(target, files, about | {"wheels": options.wheels})
    size = made.stat().st_size / 1e6
    print(f"{made}: {len(rows)} runs, {len(files)} files, {size:,.1f} MB, SHA-256 {digest_of(made)}")
    print(f"Check it anywhere: dx verify {made.name} --rebuild")
    return 0


def verify_command(options: argparse.Namespace) -> int:
    """Check every digest; with --rebuild make every result again. Exit code 1 where anything differs."""
    from dxanalysis.delivery import capsule

    record = capsule.read_record(options.archive)
    wrong = capsule.faults(options.archive)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    said = f"{len(wrong)} of them not as packed" if wrong else "all as packed"
    print(f"{options.archive.name}: {len(record['files'])} files, {said}, SHA-256 {digest_of(options.archive)}")
    if wrong or not options.rebuild:
        return int(bool(wrong))
    from .rebuild import rebuilt

    return rebuilt(options.archive, options.into, options.jobs, options.read_command)


def finished(out: Path) -> list[dict[str, Any]]:
    """Return the newest attempt of every run that ended well, in the order of their folders.

    Raises
    ------
    BatchError
        When there is none.
    """
    from dxanalysis.batch import BatchError
    from dxanalysis.batch.manifest import read_manifest

    rows = [{name: row[name] for name in KEPT} for row in read_manifest(out) if row["status"] == "done"]
    if not rows:
        raise BatchError(f"No run ended well in {out}. Run something first: dx run")
    return rows


def sources(root: Path) -> dict[str, Path]:
    """Return the project's files by their names in a capsule: what version control knows, else what belongs to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=root, capture_output=True, text=True, check=False,
    ) if (root / ".git").exists() else None
    if listed is not None and listed.returncode == 0:
        paths: Iterable[Path] = (root / name for name in listed.stdout.split("\0") if name)
    else:
        paths = (path for pattern in SOURCES for path in root.glob(pattern) if "__pycache__" not in path.parts)
    return {f"code/{path.relative_to(root).as_posix()}": path for path in sorted(set(paths)) if path.is_file()}


def data_packages() -> dict[str, Path]:
    """Return the files of the data packages in use besides the shipped one, which stands with the code."""
    from dxanalysis.facts.schema import data_dirs

    return {
        f"data/{number}-{folder.name}/{path.relative_to(folder).as_posix()}": path
        for number, folder in enumerate(map(Path, data_dirs()[1:]), start=1)
        for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix in DATA_KINDS
    }


def results(out: Path, *made: Iterable[Mapping[str, Any]]) -> dict[str, Path]:
    """Return the files of runs and of papers by their names in a capsule."""
    return {
        f"outputs/{one['output']}/{name}": out / one["output"] / name
        for rows in made for one in rows for name in one["outputs"]
    }


def papers(out: Path) -> list[dict[str, Any]]:
    """Return folder, command and digests of the decks, notes, workbooks and reports that can be made again.

    A file made into an office's template is left out and said, since the template is not in the capsule; a file that
    does not say by which command it was made is none of ours.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for path in sorted([*out.glob("*/*/briefing/*"), *out.glob("*/*/report/*")]):
        record = recorded(path) or {}
        if record.get("template") is not None:
            print(f"Left out: {path} was written into a template, which a capsule does not hold.")
        elif isinstance(record.get("command"), str):
            made_by = (path.parent.relative_to(out).as_posix(), record["command"])
            found.setdefault(made_by, {})[path.name] = digest_of(path)
    return [{"output": folder, "command": command, "outputs": made} for (folder, command), made in found.items()]


def recorded(path: Path) -> dict[str, Any] | None:
    """Return what a file of ours says of itself, None for any other file."""
    from dxanalysis.delivery import origin

    try:
        return origin.read(path) if path.is_file() else None
    except ValueError:  # it holds no record
        return None


def refuse_stale(rows: Iterable[Mapping[str, Any]], files: Mapping[str, Path | bytes], out: Path) -> None:
    """Raise where a run was made from other files than those here, or its results were changed since.

    Raises
    ------
    BatchError
        A capsule with such a run could not be rebuilt to the same results.
    """
    from dxanalysis.batch import BatchError
    known: dict[Path, str] = {}
    here = {path.resolve() for path in files.values() if isinstance(path, Path)}
    for row in rows:
        if f"code/notebooks/{Path(row['notebook']).stem}.ipynb" not in files:
            raise BatchError(f"{row['output']} was made by {row['notebook']}, which is no notebook of this project. "
                             "Name an output folder without such runs: --out.")
        if differ := other_methods(out / row["output"]):
            raise BatchError(f"{row['output']} was made by other code than is here ({', '.join(differ)}). "
                             "Run it again, then make the capsule: dx run --force")
        needed = {(ROOT / "notebooks" / name).resolve(): digest for name, digest in row["inputs"].items()}
        left = {(out / row["output"] / name).resolve(): digest for name, digest in row["outputs"].items()}
        for path, digest in (needed | left).items():
            if path not in here:
                cure = "Use the data packages (DX_DATA, --data) it was made with, or run it again: dx run"
                raise BatchError(f"{row['output']} needs {path}, which would not be in the capsule. {cure}")
            if path.is_file() and path not in known:
                known[path] = digest_of(path)
            if known.get(path) != digest:
                cure = "Run it again, then make the capsule: dx run"
                raise BatchError(f"{row['output']} is not up to date: {path} has changed since. {cure}")


def other_methods(folder: Path) -> list[str]:
    """Return the rooms whose code differs from what a run notes in its ``run.json``; none where it notes nothing."""
    from dxanalysis.delivery import origin

    try:
        noted = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:  # a notebook of the user's own
        return []
    here = origin.methods(str(noted.get("notebook", "")))
    return [room for room, digest in noted.get("methods", {}).items() if here.get(room) != digest]


def described(rows: list[dict[str, Any]], files: Mapping[str, Path | bytes]) -> dict[str, Any]:
    """Return what the record of a capsule says: code version, Python, lock digests, data digest and every run."""
    from dxanalysis import __version__, facts
    return {
        "made_by": f"dxanalysis {__version__}", "code": code_version(ROOT), "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}", "data_digest": facts.digest(), "runs": rows,
        "locks": {name: digest_of(ROOT / name) for name in LOCKS if (ROOT / name).is_file()},
        "data": sorted({name.split("/")[1] for name in files if name.startswith("data/")}),
    }


def code_version(root: Path) -> dict[str, Any]:
    """Return the commit and the files changed since; an empty commit where there is no version control."""

    def said(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)  # noqa: S603, S607
        return done.stdout if done.returncode == 0 else ""

    if not (root / ".git").exists():
        return {"commit": "", "changed": []}
    return {"commit": said("rev-parse", "HEAD").strip(), "changed": said("status", "--porcelain").splitlines()}


def wheels(folder: Path) -> dict[str, Path]:
    """Download the packages of requirements.lock for this machine, each checked by hash, and return them.

    Raises
    ------
    OSError
        When pip cannot get them.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
               "--only-binary", ":all:", "--require-hashes", "-r", str(ROOT / LOCKS[0]), "-d", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise OSError(f"The packages could not be downloaded: {why} Check the network, or leave out --wheels.")
    return {f"wheels/{path.name}": path for path in sorted(folder.iterdir())}
