"""Write one log file per batch into the output folder: what began, what ended, what was tried again, what failed."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LOGS = "_logs"
KEPT = 20  # the newest files; older ones are removed
HIDDEN = "***"
SECRET_NAME = re.compile(r"KEY|SECRET|TOKEN|PASSW|CREDENTIAL", re.IGNORECASE)
IN_URL = re.compile(r"(?<=://)[^/@\s]+(?=@)")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\].*?(?:\x07|\x1b\\)")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
SHORTEST = 6  # characters; a shorter value would hide harmless text


class BatchLog(logging.FileHandler):
    """A log file that never stops the batch: when it cannot be written, it falls silent and keeps the reason."""

    def __init__(self, path: Path, secrets: Mapping[str, str]) -> None:
        super().__init__(path, encoding="utf-8")
        self.lost = ""
        self.setFormatter(OneLine(secrets))

    def handleError(self, record: logging.LogRecord) -> None:
        """Keep the reason; logging itself would print a traceback for each line."""
        import sys

        self.lost = self.lost or str(sys.exc_info()[1])


class OneLine(logging.Formatter):
    """Write a record as one line: time in UTC, level, message; no colours, no control characters, no secrets."""

    converter = time.gmtime

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__("%(asctime)sZ %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%S")
        found = [value for name, value in environment.items() if SECRET_NAME.search(name) and len(value) >= SHORTEST]
        self.secrets = sorted(found, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        text = CONTROL.sub(" ", ANSI.sub("", super().format(record)))
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return IN_URL.sub(HIDDEN, text)


@contextmanager
def batch_log(out: Path, name: str, environment: Mapping[str, str]) -> Iterator[logging.Logger]:
    """Give the log of one batch; its file is ``_logs/<name>.log`` in the output folder.

    Parameters
    ----------
    out : Path
        Output folder.
    name : str
        Of the batch.
    environment : mapping
        Environment variables of the kernels; the values of those that are called a key, secret, token, password or
        credential never appear in the file, nor do those of this process.
    """
    folder = out / LOGS
    folder.mkdir(parents=True, exist_ok=True)
    handler = BatchLog(folder / f"{name}.log", {**os.environ, **environment})
    logger = logging.Logger(f"{__package__}.{name}", logging.INFO)  # not registered: batches come and go
    logger.parent = logging.getLogger(__package__)
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        _close(handler)
        forget_old(folder)
        if handler.lost:
            logger.warning("The log %s is not complete: %s", handler.baseFilename, handler.lost)


def forget_old(folder: Path) -> None:
    """Keep the newest log files; their names begin with the time."""
    for path in sorted(folder.glob("*.log"))[:-KEPT]:
        path.unlink(missing_ok=True)


def _close(handler: BatchLog) -> None:
    try:
        handler.close()
    except OSError as error:  # the disk is full: the last lines are lost, the results are not
        handler.lost = handler.lost or str(error)
