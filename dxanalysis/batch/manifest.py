"""Keep one row per run and attempt in a SQLite file, safely shared by several runners."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .errors import BatchError, MissingExtra, StorageError
from .processes import born, same
from .storage import FILE_NAME

JSON_COLUMNS = ("parameters", "parts", "inputs", "opened", "outputs", "versions")
SHARED_COLUMNS = ("inputs", "opened", "versions")  # the same for many runs: kept once in the table `shared`
LAYOUT = 3
SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    batch TEXT NOT NULL,             -- which call of the runner
    output TEXT NOT NULL,            -- folder of the result, relative to the output folder
    notebook TEXT NOT NULL,
    parameters TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    status TEXT NOT NULL,            -- running | done | failed | interrupted | lost
    reason TEXT NOT NULL,            -- why it ran
    digest TEXT NOT NULL,            -- of all parts
    parts TEXT NOT NULL,             -- notebook, parameters, data, code, environment, runner
    inputs TEXT NOT NULL,            -- file -> sha256, in `shared`
    outputs TEXT NOT NULL DEFAULT '{}',
    started TEXT NOT NULL,
    seconds REAL,
    cpu_seconds REAL,
    peak_mb REAL,
    kernel TEXT NOT NULL DEFAULT '',
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    born REAL NOT NULL,              -- when that process started: process ids are used again
    versions TEXT NOT NULL DEFAULT '',  -- package -> version, in `shared`
    cause TEXT NOT NULL DEFAULT '',  -- of a failure, see RETRYABLE in runner.py
    cell INTEGER,
    error TEXT NOT NULL DEFAULT '',
    kept TEXT NOT NULL DEFAULT '',   -- where the failed notebook stands
    opened TEXT NOT NULL DEFAULT ''  -- what it read and imported, see `dependencies.what_it_opened`; in `shared`
);
CREATE INDEX IF NOT EXISTS runs_by_output ON runs (output, id);
CREATE UNIQUE INDEX IF NOT EXISTS one_runner_per_output ON runs (output) WHERE status = 'running';
CREATE TABLE IF NOT EXISTS shared (digest TEXT PRIMARY KEY, content TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER, modified INTEGER, digest TEXT);
PRAGMA user_version = 3;
"""


class _Database(sqlite3.Connection):
    """A connection that tells troubles with its file as errors with a cure."""

    place: Path

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        """Carry out one statement."""
        with _troubles(self.place):
            return super().execute(*statement)

    def executescript(self, script: str) -> sqlite3.Cursor:
        """Carry out several statements."""
        with _troubles(self.place):
            return super().executescript(script)

    def executemany(self, *statement: Any) -> sqlite3.Cursor:
        """Carry out one statement for several rows."""
        with _troubles(self.place):
            return super().executemany(*statement)


@contextmanager
def _troubles(place: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except (OSError, sqlite3.OperationalError) as error:
        raise StorageError(place, getattr(error, "strerror", None) or str(error)) from error
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # SQLite quotes the damaged bytes themselves
        raise BatchError(
            f"{place} is not a manifest of batches: {error}. Move it away, or name another output folder."
        ) from error


class Manifest:
    """Remember what was run, with what, and how it ended.

    Parameters
    ----------
    folder : Path
        Output folder; the file ``manifest.sqlite`` stands in it.

    Notes
    -----
    SQLite in WAL mode: readers never wait, several runners may write. A partial unique index lets only one runner
    at a time hold a run; the claim of a dead runner is taken over.
    """

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder) / FILE_NAME
        self._known: set[str] = set()
        if self.path.exists() and not self.path.is_file():
            raise BatchError(f"{self.path} is no file. Remove it, or name another output folder.")
        with _troubles(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                self.path, timeout=60, isolation_level=None, check_same_thread=False, factory=_Database
            )
        self._db.place = self.path
        self._identity = (self.path.stat().st_dev, self.path.stat().st_ino)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._make()
        except BatchError:
            self._db.close()
            raise

    def _make(self) -> None:
        """Make the tables; a manifest of an older layout is begun anew, as results can be made again."""
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found == LAYOUT:
            return
        if found > LAYOUT:
            raise BatchError(f"{self.path} has the layout {found}, newer than {LAYOUT}. Name another output folder.")
        if found == 2:
            self._db.executescript("ALTER TABLE runs ADD COLUMN opened TEXT NOT NULL DEFAULT ''")
        elif found:
            self._db.executescript("DROP TABLE IF EXISTS runs; DROP TABLE IF EXISTS files; DROP TABLE IF EXISTS shared")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file; the last one out folds the write-ahead log back into it."""
        self._db.close()

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def latest(self) -> dict[str, dict[str, Any]]:
        """Return the newest attempt of every run, by output folder; claims of dead runners count as ``lost``."""
        with _damage(self.path):
            rows = self._db.execute("SELECT * FROM runs WHERE id IN (SELECT max(id) FROM runs GROUP BY output)")
            shared = self._shared()
            return {row["output"]: _seen_from_here(_record(row, shared)) for row in rows}

    def attempts(self) -> list[dict[str, Any]]:
        """Return every attempt of every run, oldest first."""
        with _damage(self.path):
            shared = self._shared()
            return [_record(row, shared) for row in self._db.execute("SELECT * FROM runs ORDER BY id")]

    def claim(self, output: str, values: Mapping[str, Any], last: int | None = None) -> int | None:
        """Write that this process starts a run, and return the row's number; None when another one is at it.

        Also None when another one has done the same run, told by its digest, since the attempt number `last`.
        """
        self._release_dead(output)
        row = {"output": output, "status": "running", **here(), **values}
        row |= {name: self._share(row[name]) for name in SHARED_COLUMNS if name in row}
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        try:
            # The names are this module's own column names, never a user's text.
            cursor = self._db.execute(f"INSERT INTO runs ({names}) VALUES ({marks})", _written(row))  # noqa: S608
        except sqlite3.IntegrityError:
            return None
        if last is not None and self._done_since(last, output, values["digest"], cursor.lastrowid):
            self._db.execute("DELETE FROM runs WHERE id = ?", [cursor.lastrowid])
            return None
        return cursor.lastrowid

    def _done_since(self, last: int, output: str, digest: str, number: int | None) -> bool:
        since = "SELECT status, digest FROM runs WHERE output = ? AND id > ? AND id < ? ORDER BY id DESC LIMIT 1"
        row = self._db.execute(since, [output, last, number]).fetchone()
        return row is not None and tuple(row) == ("done", digest)

    def made(self, output: str) -> set[str]:
        """Return the files that any attempt at a run has left."""
        with _damage(self.path):
            rows = self._db.execute("SELECT DISTINCT outputs FROM runs WHERE output = ?", [output])
            return {name for row in rows for name in json.loads(row[0])}

    def gone(self) -> bool:
        """Return whether somebody has removed or replaced the file since it was opened."""
        try:
            return (self.path.stat().st_dev, self.path.stat().st_ino) != self._identity
        except OSError:
            return True

    def finish(self, number: int, **values: Any) -> None:
        """Write how a run ended."""
        values |= {name: self._share(values[name]) for name in SHARED_COLUMNS if name in values}
        names = ", ".join(f"{name} = ?" for name in values)
        self._db.execute(f"UPDATE runs SET {names} WHERE id = ?", [*_written(values), number])  # noqa: S608

    def known_files(self) -> dict[str, tuple[int, int, str]]:
        """Return the digests of files seen before: path -> (size, time of change, sha256)."""
        return {row[0]: tuple(row[1:]) for row in self._db.execute("SELECT path, size, modified, digest FROM files")}

    def remember_files(self, fresh: Mapping[str, tuple[int, int, str]]) -> None:
        """Keep the digests of files seen for the first time or changed."""
        if not fresh:
            return
        self._db.execute("BEGIN")
        self._db.executemany(
            "REPLACE INTO files VALUES (?, ?, ?, ?)", [(path, *state) for path, state in fresh.items()]
        )
        self._db.execute("COMMIT")

    def _share(self, content: Mapping[str, Any]) -> str:
        """Keep something once, and return what it is called."""
        text = _json(content)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        if digest not in self._known:
            self._db.execute("INSERT OR IGNORE INTO shared VALUES (?, ?)", [digest, text])
            self._known.add(digest)
        return digest

    def _shared(self) -> dict[str, Any]:
        return {row[0]: json.loads(row[1]) for row in self._db.execute("SELECT digest, content FROM shared")}

    def _release_dead(self, output: str) -> None:
        for row in self._db.execute("SELECT * FROM runs WHERE output = ? AND status = 'running'", [output]).fetchall():
            if not _alive(row):
                self.finish(row["id"], status="lost", cause="runner died", error="the runner ended before the run did")


def read_manifest(folder: str | Path) -> list[dict[str, Any]]:
    """Return the newest attempt of every run under an output folder, sorted by output; empty when nothing ran."""
    if not (Path(folder) / FILE_NAME).exists():
        return []
    with closing(Manifest(folder)) as manifest:
        return [row for _, row in sorted(manifest.latest().items())]


@contextmanager
def _damage(place: Path) -> Iterator[None]:
    """Tell rows that make no sense as an error with a cure."""
    try:
        yield
    except BatchError:
        raise  # says what is wrong already
    except (sqlite3.DatabaseError, ValueError, TypeError, RecursionError, OverflowError, KeyError) as error:
        why = f"{type(error).__name__}: {str(error)[:80]}"
        raise BatchError(f"{place} is damaged or no manifest of ours ({why}). Rename it, and run again.") from error


def here() -> dict[str, Any]:
    """Name this process: host, process id and when it was started."""
    import platform

    return {"host": platform.node(), "pid": os.getpid(), "born": born(os.getpid()), "started": now()}


def now() -> str:
    """Return the time of day, UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _alive(row: Mapping[str, Any]) -> bool:
    import platform

    if row["host"] != platform.node():
        return True  # cannot be seen from here: leave it to its owner
    return same(row["pid"], row["born"])


def _seen_from_here(record: dict[str, Any]) -> dict[str, Any]:
    if record["status"] == "running" and not _alive(record):
        return {**record, "status": "lost"}
    return record


def _record(row: sqlite3.Row, shared: Mapping[str, Any]) -> dict[str, Any]:
    record = dict(row)
    read = {name: json.loads(record[name]) for name in JSON_COLUMNS if name not in SHARED_COLUMNS}
    return {**record, **read, **{name: shared.get(record[name], {}) for name in SHARED_COLUMNS}}


def _written(values: Mapping[str, Any]) -> list[Any]:
    own = set(JSON_COLUMNS) - set(SHARED_COLUMNS)
    return [_json(value) if name in own else value for name, value in values.items()]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def export_manifest(out: str | Path, target: str | Path) -> Path:
    """Write every attempt of every run of an output folder to a file.

    Parameters
    ----------
    out : path
        Output folder.
    target : path
        Ends in ``.csv``, ``.json`` or ``.parquet``.

    Raises
    ------
    BatchError
        For an output folder without runs and for another ending.
    MissingExtra
        For Parquet without pyarrow.
    """
    target = Path(target)
    if not read_manifest(out):
        raise BatchError(f"There are no runs in {out}. Run something first.")
    writers = {".csv": _write_csv, ".json": _write_json, ".parquet": _write_parquet}
    if target.suffix not in writers:
        raise BatchError(f"Unknown format {target.name!r}. Write to a file ending in {', '.join(writers)}.")
    with closing(Manifest(out)) as manifest:
        writers[target.suffix](manifest.attempts(), target)
    return target


def _flat(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            name: json.dumps(v, ensure_ascii=False, sort_keys=True) if name in JSON_COLUMNS else v
            for name, v in row.items()
        }
        for row in rows
    ]


def _write_csv(rows: Sequence[Mapping[str, Any]], target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_flat(rows))


def _write_json(rows: Sequence[Mapping[str, Any]], target: Path) -> None:
    target.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_parquet(rows: Sequence[Mapping[str, Any]], target: Path) -> None:
    import pandas as pd

    try:
        pd.DataFrame(_flat(rows)).to_parquet(target, index=False)
    except ImportError as error:
        raise MissingExtra("Parquet needs pyarrow. Install dxanalysis[parquet].") from error
