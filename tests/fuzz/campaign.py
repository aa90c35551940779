"""Fuzz every parser and print the table target → cases → distinct findings.

    python -m tests.fuzz.campaign --cases 1000000 --seed 1 --write tests/benchmarks/results/fuzz.json

Two ways take turns: mutation of valid files (seeded, the same cases each time), and atheris (guided by coverage; needs
the environment of `dx.py test --all` on Linux x86_64). Structured values are tests of their own (`test_fuzz`).
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .mutation import mutated
from .targets import Target, all_targets
from .watch import Finding, Watch, smaller


@dataclass
class Tally:
    """What one target went through."""

    cases: int = 0
    seconds: float = 0.0
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)


def campaign(
    targets: Sequence[Target],
    watch: Watch,
    cases: int,
    seed: int,
    keep: Callable[[dict[str, Tally]], None] | None = None,
) -> dict[str, Tally]:
    """Run about `cases` mutated cases, spread over the targets by their shares, and return the tallies.

    `keep` is told of each target as soon as it is done, so that an interrupted campaign loses one target only.
    """
    shares, tallies = sum(target.share for target in targets), {}
    for target in targets:
        if target.share:
            tallies[target.name] = fuzz(target, watch, max(1, cases * target.share // shares), seed)
            if keep:
                keep({target.name: tallies[target.name]})
    return tallies


def fuzz(target: Target, watch: Watch, cases: int, seed: int) -> Tally:
    """Run `cases` cases of one target; a finding is kept once, with a small input."""
    chance, tally, began = random.Random(f"{seed} {target.name}"), Tally(), time.monotonic()
    for sample in target.samples:  # what is valid must be taken, or mutation starts from nothing
        note(target, watch, sample, tally)
    while tally.cases < cases:
        note(target, watch, mutated(chance, target.samples), tally)
    tally.seconds = time.monotonic() - began
    print(f"{target.name}: {tally.cases:,} cases, {len(tally.findings)} findings", file=sys.stderr, flush=True)
    return tally


def note(target: Target, watch: Watch, case: bytes, tally: Tally) -> None:
    """Run one case and keep what is new about it."""
    tally.cases += 1
    found = watch.run(target.name, target.action, case, target.allowed)
    if found and found.key not in tally.findings:
        small = smaller(lambda one: watch.run(target.name, target.action, one, target.allowed), found)
        tally.findings[found.key] = Finding(found.target, found.kind, found.place, found.message, small)


def table(tallies: dict[str, Tally]) -> str:
    """Return the table of a campaign as text."""
    lines = [
        f"{name:<36}{tally.cases:>10,}{tally.seconds:>9.1f} s{len(tally.findings):>4}"
        for name, tally in tallies.items()
    ]
    total = sum(tally.cases for tally in tallies.values())
    found = [one for tally in tallies.values() for one in tally.findings.values()]
    lines.append(f"{'all':<36}{total:>10,}{sum(t.seconds for t in tallies.values()):>9.1f} s{len(found):>4}")
    return "\n".join([*lines, *map(told, found)])


def told(finding: Finding) -> str:
    """Return a finding in one line."""
    return f"{finding.target}: {finding.kind} at {finding.place}: {finding.message[:90]!r} from {finding.case[:120]!r}"


def record(ways: dict[str, dict[str, Tally]], seed: int) -> dict[str, Any]:
    """Return what is written down of a campaign."""
    rows = [
        {"way": way, "target": name, "cases": tally.cases, "seconds": round(tally.seconds, 1),
         "findings": [told(one) for one in tally.findings.values()]}
        for way, tallies in ways.items() for name, tally in tallies.items()
    ]
    return {
        "seed": seed, "python": platform.python_version(), "machine": platform.machine(),
        "cases": sum(row["cases"] for row in rows), "findings": sum(len(row["findings"]) for row in rows),
        "targets": rows,
    }


def write(path: Path, fresh: dict[str, Any]) -> None:
    """Write a record; rows of other targets and ways that the file holds already stay, so that parts add up."""
    again = {(row["way"], row["target"]) for row in fresh["targets"]}
    held = json.loads(path.read_text(encoding="utf-8"))["targets"] if path.exists() else []
    rows = [row for row in held if (row["way"], row["target"]) not in again] + fresh["targets"]
    totals = {"cases": sum(row["cases"] for row in rows), "findings": sum(len(row["findings"]) for row in rows)}
    text = json.dumps({**fresh, **totals, "targets": rows}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def chosen(targets: Iterable[Target], words: Sequence[str]) -> list[Target]:
    """Return the targets whose names hold one of the words; all of them without words."""
    return [target for target in targets if not words or any(word in target.name for word in words)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a campaign and return 1 where it found anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.campaign", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--guided", type=int, default=0, metavar="N", help="N further cases guided by coverage (atheris)"
    )
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("targets", nargs="*", help="parts of target names; all without")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        watch = Watch(Path(folder))
        targets = chosen(all_targets(Path(folder)), options.targets)

        def keep(tallies: dict[str, Tally]) -> None:
            if options.write:
                write(options.write, record({"mutation": tallies}, options.seed))

        ways = {"mutation": campaign(targets, watch, options.cases, options.seed, keep)} if options.cases else {}
    if options.guided:
        from .guided import guided

        ways["atheris"] = guided(targets, options.guided, options.seed)
    for way, tallies in ways.items():
        print(f"{way}\n{table(tallies)}")
    if options.write:
        write(options.write, record(ways, options.seed))
    return int(any(tally.findings for tallies in ways.values() for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
