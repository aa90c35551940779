"""A minute of fuzzing with a fixed seed, and proof that the watch sees what it must."""

import contextlib
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from . import campaign, samples, structured, watch
from .targets import Target, all_targets


@pytest.fixture(scope="module")
def watcher(tmp_path_factory):
    """Give one watch for all tests: an audit hook cannot be taken out again.

    Every parser has run once before: what its first use imports, compiled in a fresh checkout, is not its own time.
    """
    folder = tmp_path_factory.mktemp("watched")
    for target in all_targets(folder):
        with contextlib.suppress(Exception):
            target.action(target.samples[0])
    return watch.Watch(folder)


def spin(_):
    while True:
        pass


OUTSIDE = Path("/proc/fuzz-outside")  # nobody can make it, and the watch sees who tries
PLANTED = [
    (lambda _: 1 / 0, "ZeroDivisionError"), (spin, "hang"),
    (lambda _: suppressed(OUTSIDE.mkdir), "outside"), (lambda _: suppressed(OUTSIDE.write_bytes, b""), "outside"),
    (lambda _: Path("/etc/hosts").read_bytes(), "outside"), (lambda _: subprocess.run(["true"]), "outside"),
    (lambda _: socket.getaddrinfo("localhost", 1), "outside"),
]


def suppressed(action, *words):
    with contextlib.suppress(OSError):
        action(*words)


@pytest.mark.parametrize(("action", "kind"), PLANTED)
def test_the_watch_sees(watcher, action, kind):
    found = watcher.run("planted", action, b"x", (ValueError,))
    assert found is not None
    assert found.kind == kind


def test_the_watch_sees_memory(root, tmp_path):
    # In a process of its own: what other tests once held would hide what this one takes.
    code = f"""
from pathlib import Path
from tests.fuzz.watch import Watch
print(Watch(Path({str(tmp_path)!r})).run("planted", lambda _: b"x" * (700 * 2**20), b"", ()).kind)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "memory"


def test_the_watch_lets_documented_errors_pass(watcher):
    assert watcher.run("calm", lambda _: int("x"), b"x", (ValueError,)) is None


def test_a_campaign_finds_a_planted_fault_once_and_makes_its_input_small(watcher):
    def breaks(data):
        if b"1e308" in data:
            raise KeyError("planted")

    target = Target("planted", breaks, [samples.LONG.encode()], ())
    tally = campaign.fuzz(target, watcher, 3000, seed=1)
    assert [found.case for found in tally.findings.values()] == [b"1e308"]


def test_the_same_seed_makes_the_same_cases(watcher):
    seen = []
    target = Target("seen", seen.append, [samples.xlsx(), samples.PX.encode()], ())
    for _ in range(2):
        campaign.fuzz(target, watcher, 200, seed=7)
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]


def test_every_valid_sample_is_taken(watcher):
    for target in all_targets(Path(watcher.folder)):
        calm = [watcher.run(target.name, target.action, sample, ()) for sample in target.samples[:1]]
        named = target.name.startswith(
            ("periods.parse", "numbers.parse", "names", "parameters.from", "workbooks.read_xls")
        )
        assert named or calm == [None], target.name


@pytest.mark.slow
def test_a_minute_of_mutation_finds_nothing(watcher):
    tallies = campaign.campaign(all_targets(Path(watcher.folder)), watcher, 40_000, seed=20251125)
    assert not [campaign.told(found) for tally in tallies.values() for found in tally.findings.values()]


@pytest.mark.slow
def test_structured_values_break_no_promise():
    tallies = structured.properties(2_000, 20251125)
    assert not [campaign.told(found) for tally in tallies.values() for found in tally.findings.values()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="atheris has packages for Linux only")
def test_guided_cases_find_nothing(tmp_path):
    pytest.importorskip("atheris", reason="atheris is in the environment of `dx.py test --all` only")
    from .guided import guided

    chosen = [target for target in all_targets(tmp_path) if target.name == "numbers.parse_number"]
    tallies = guided(chosen, 2_000, 20251125)
    assert tallies["numbers.parse_number"].cases >= 2_000
    assert not tallies["numbers.parse_number"].findings
