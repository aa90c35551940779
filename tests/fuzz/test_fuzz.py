"""A minute of fuzzing with a fixed seed, and proof that the watch sees what it must."""

import ast
import contextlib
import keyword
import math
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dxanalysis.batch import notebooks, parameters
from dxanalysis.batch.errors import BatchError
from dxanalysis.facts.understand import numbers

from . import campaign, samples, watch
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


# ---------------------------------------------------------------- what hypothesis thinks of and mutation does not
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ODD = PLAIN | st.binary(max_size=5) | st.complex_numbers() | st.sets(st.integers(), max_size=3) | st.just(...)
IDS = st.from_regex(r"[a-z_][a-z0-9_]{0,12}", fullmatch=True).filter(lambda word: not keyword.iskeyword(word))
WORDS = st.text(max_size=40) | st.from_regex(r"[+-]?[0-9]{1,30}([.,][0-9]{1,5})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)
KINDS = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict, "None": type(None)}
MANY = settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@MANY
@given(st.dictionaries(IDS, ODD, max_size=4))
def test_a_parameters_cell_is_read_to_the_letter_or_refused(values):
    with contextlib.suppress(BatchError):
        read = parameters.read_parameters("\n".join(f"{name} = {value!r}" for name, value in values.items()), "n.ipynb")
        wanted = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        assert repr({name: one.default for name, one in read.items()}) == repr(wanted)


@MANY
@given(st.dictionaries(IDS, ODD, max_size=4))
def test_checked_parameters_read_back_from_the_notebook_as_themselves(values):
    with contextlib.suppress(BatchError):
        checked = parameters.check({name: parameters.Parameter(name, ()) for name in values}, values)
        cells = notebooks.parameterized(notebooks.read_notebook("n.ipynb", samples.NOTEBOOK), checked)["cells"]
        injected = [cell for cell in cells if "injected-parameters" in cell["metadata"].get("tags", ())]
        statements = ast.parse(injected[0]["source"]).body if injected else []
        assert repr({one.targets[0].id: ast.literal_eval(one.value) for one in statements}) == repr(checked)


@MANY
@given(st.sampled_from(sorted(KINDS)), WORDS)
def test_a_text_becomes_a_value_of_its_parameter_s_type_or_is_refused(kind, word):
    with contextlib.suppress(BatchError):
        value = parameters.from_text(parameters.Parameter("x", (kind,)), word)
        assert type(value) is KINDS[kind] and (kind != "float" or math.isfinite(value))


@MANY
@given(st.floats(-1e12, 1e12), st.sampled_from(".,"))
def test_a_number_printed_with_either_sign_reads_back(value, decimal):
    assert numbers.parse_number(f"{value:.6f}".replace(".", decimal), decimal) == float(f"{value:.6f}")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="atheris has packages for Linux only")
def test_guided_cases_find_nothing(tmp_path):
    pytest.importorskip("atheris", reason="atheris is in the environment of `dx.py test --all` only")
    from .guided import guided

    chosen = [target for target in all_targets(tmp_path) if target.name == "numbers.parse_number"]
    tallies = guided(chosen, 2_000, 20251125)
    assert tallies["numbers.parse_number"].cases >= 2_000
    assert not tallies["numbers.parse_number"].findings
