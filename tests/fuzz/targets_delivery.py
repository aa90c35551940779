"""The parsers of delivery: provenance inside files, and what a stranger's output folder holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from dxanalysis.delivery import capsule, listing, origin, records
from dxanalysis.delivery.capsule import CapsuleError

from . import samples
from .targets import Target, held, promise

WRITTEN = (
    "main|section|article|details|summary|div|p|span|b|br|small|h2|h3|h4|a|ul|li|dl|dt|dd|img|"
    "table|thead|tbody|tr|th|td"
)
FOREIGN = re.compile(rf"<(?!/?(?:{WRITTEN})\b)")


def delivery_targets(folder: Path) -> list[Target]:
    """Return the targets of the room delivery."""
    origins = {".png": samples.png(), ".svg": samples.SVG.encode(), ".pdf": samples.PDF, ".pptx": samples.office()}
    run = folder / "outputs" / "quang-ninh" / "2025" / "30_attainment"
    run.mkdir(parents=True, exist_ok=True)
    calm = {
        "run.json": samples.RUN, "facts.json": samples.FACTS, "pace.csv": samples.PACE,
        "30_attainment.ipynb": samples.NOTEBOOK,
    }
    for name, content in calm.items():
        (run / name).write_text(content, encoding="utf-8")

    def left_by(name: str, action: Callable[[Path], Any], allowed: tuple[type, ...], share: int = 2) -> Target:
        whole = partial(_in_folder, run, name, calm[name], action)
        return Target(f"{action.__name__.strip('_')} ({name})", whole, [calm[name].encode()], allowed, share)

    return [
        *(Target(f"origin.read ({kind})", partial(_origin, folder / f"a{kind}"), [sample], (ValueError,), 4)
          for kind, sample in origins.items()),
        Target("capsule", partial(_capsule, folder / "c.zip"), [samples.capsule(folder)], (CapsuleError,), 8),
        left_by("run.json", _read, (ValueError, OSError)),
        left_by("facts.json", _read, (ValueError, OSError)),
        left_by("pace.csv", _read, (ValueError, OSError)),
        left_by("run.json", _index, ()),
        left_by("facts.json", _index, ()),
        left_by("30_attainment.ipynb", _failed, ()),
    ]


def _origin(path: Path, data: bytes) -> None:
    found = origin.read(held(path, data))
    promise(isinstance(found, dict), "an origin that is no record")


def _capsule(path: Path, data: bytes) -> None:
    record, faults = capsule.read_record(held(path, data)), capsule.faults(path)
    promise(bool(record["runs"]) and all("\n" not in one for one in faults), "a capsule that claims nothing")


def _in_folder(run: Path, name: str, calm: str, action: Callable[[Path], Any], data: bytes) -> None:
    """Put the case in the place of one file of a run, and put the calm one back afterwards."""
    try:
        action(held(run / name, data).parent)
    finally:
        (run / name).write_text(calm, encoding="utf-8")


def _read(run: Path) -> None:
    found = records.read_run(run)
    for lang in ("vi", "en"):
        texts = [*found.sentences(lang), found.headline(lang), found.notebook]
        promise(all(isinstance(one, str) for one in texts), "a sentence that is no text")
        for picture in found.pictures(lang):
            promise(picture.path.resolve().is_relative_to(run.resolve()), "a picture outside the run's folder")


def _index(run: Path) -> None:
    page = listing.write_index(run.parents[2]).read_text(encoding="utf-8")
    body = page[page.index("<main") : page.index("</main>")]
    promise(not FOREIGN.search(body), "an element nobody wrote")
    promise(not re.search(r"(?:href|src)=\"\s*(?:javascript|data|vbscript):", body, re.IGNORECASE), "a link that runs")


def _failed(run: Path) -> None:
    promise("\n" not in listing.last_error(run / "30_attainment.ipynb"), "an error of several lines")
