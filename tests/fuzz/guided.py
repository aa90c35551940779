"""Let coverage guide the cases (atheris): one process per target, as its engine ends the process it runs in.

python -m tests.fuzz.guided TARGET CASES SEED FILE
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .campaign import Tally, told
from .targets import Target, all_targets
from .watch import Watch

IN_MEMORY = (
    "numbers.parse_number", "guards.decode", "readers.px", "readers.jsonstat", "parameters.read_parameters",
    "notebooks.read_notebook",
)
INSTRUMENTED = ["dxanalysis.facts", "dxanalysis.batch.parameters", "dxanalysis.batch.matrix",
                "dxanalysis.batch.notebooks", "dxanalysis.delivery"]


def guided(targets: Sequence[Target], cases: int, seed: int) -> dict[str, Tally]:
    """Run about `cases` guided cases, spread over the targets where guidance pays, each in its own process."""
    named = [target for target in targets if target.name in IN_MEMORY]
    return {target.name: _apart(target.name, max(1, cases // len(named)), seed) for target in named}


def _apart(name: str, cases: int, seed: int) -> Tally:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="guided-") as folder:
        told_in = Path(folder) / "tally"
        command = [sys.executable, "-m", "tests.fuzz.guided", name, str(cases), str(seed), str(told_in)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if not told_in.exists():
            raise RuntimeError(f"atheris did not run {name}: {ended.stderr[-800:]}")
        tally = pickle.loads(told_in.read_bytes())  # noqa: S301  (of our own process)
    tally.seconds = time.monotonic() - began
    return tally


def main(name: str, cases: int, seed: int, told_in: Path) -> None:
    """Run one target under atheris; what was found is written down as it is found, for the engine never returns."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        import dxanalysis.batch.notebooks
        import dxanalysis.delivery.figures
        import dxanalysis.delivery.listing
        import dxanalysis.facts  # noqa: F401

        folder = Path(tempfile.mkdtemp(prefix="case-", dir=told_in.parent))
        target = next(one for one in all_targets(folder) if one.name == name)
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, sample in enumerate(target.samples):
        (corpus / str(number)).write_bytes(sample)
    watch, tally = Watch(folder), Tally()

    def one(data: bytes) -> None:
        tally.cases += 1
        found = watch.run(name, target.action, data, target.allowed)
        if found and found.key not in tally.findings:
            tally.findings[found.key] = found
            print(told(found), file=sys.stderr)
        if found or tally.cases % 500 == 0 or tally.cases >= cases:
            told_in.write_bytes(pickle.dumps(tally))

    told_in.write_bytes(pickle.dumps(tally))
    options = [f"-runs={cases}", f"-seed={seed}", "-max_len=20000", "-timeout=60", "-rss_limit_mb=4000", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
