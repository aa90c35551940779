"""Structured values through the parameter layer and the names: what hypothesis thinks of and mutation does not."""

from __future__ import annotations

import ast
import math
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from dxanalysis.batch import matrix, notebooks, parameters
from dxanalysis.batch.errors import BatchError
from dxanalysis.facts import names
from dxanalysis.facts.schema import harmless
from dxanalysis.facts.understand import numbers

from . import samples
from .campaign import Tally
from .targets import promise
from .watch import Finding

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ODD = PLAIN | st.binary(max_size=5) | st.complex_numbers() | st.sets(st.integers(), max_size=3) | st.just(...)
IDS = st.from_regex(r"[a-z_][a-z0-9_]{0,12}", fullmatch=True).filter(
    lambda word: word not in {"as", "if", "in", "is", "or"}
)


def properties(examples: int, number: int) -> dict[str, Tally]:
    """Run every property on about `examples` values in all and return the tallies."""
    share = max(1, examples // len(PROPERTIES))
    return {f"structured.{check.__name__}": _tally(check, strategy, share, number) for check, strategy in PROPERTIES}


def _tally(check: Callable[[Any], None], strategy: st.SearchStrategy, examples: int, number: int) -> Tally:
    tally, began = Tally(), time.monotonic()

    @seed(number)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def run(value: Any) -> None:
        tally.cases += 1
        check(value)

    name = f"structured.{check.__name__}"
    try:
        run()
    except Exception as error:  # hypothesis raises the smallest failing example's own error
        found = Finding(
            name, type(error).__name__, "", str(error)[:200], repr(getattr(error, "__notes__", "")).encode()
        )
        tally.findings[found.key] = found
    tally.seconds = time.monotonic() - began
    return tally


def declared_as_written(values: dict[str, Any]) -> None:
    """A parameters cell with any literals is read to the letter or refused; nothing else happens."""
    cell = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    try:
        read = parameters.read_parameters(cell, "n.ipynb")
    except BatchError:
        return
    for name, parameter in read.items():
        promise(repr(parameter.default) == repr(_lists(values[name])), f"{name} became {parameter.default!r}")


def _lists(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def survives_the_notebook(values: dict[str, Any]) -> None:
    """Checked parameters written into a notebook read back as themselves."""
    book = notebooks.read_notebook("n.ipynb", samples.NOTEBOOK)
    declared = {name: parameters.Parameter(name, ()) for name in values}
    try:
        checked = parameters.check(declared, values)
    except BatchError:
        return
    cells = notebooks.parameterized(book, checked)["cells"]
    injected = [cell for cell in cells if "injected-parameters" in cell["metadata"].get("tags", ())]
    statements = ast.parse(injected[0]["source"]).body if injected else []
    found = {line.targets[0].id: ast.literal_eval(line.value) for line in statements}  # type: ignore[attr-defined]
    promise(repr(found) == repr(checked), "another value stands in the notebook")


def typed_or_refused(pair: tuple[str, str]) -> None:
    """A text becomes a value of the parameter's own type, or an error says that it is none."""
    kind, word = pair
    try:
        value = parameters.from_text(parameters.Parameter("x", (kind,)), word)
    except BatchError:
        return
    kinds = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict, "None": type(None)}
    promise(type(value) is kinds[kind], f"{value!r} is no {kind}")
    promise(kind != "float" or math.isfinite(value), "a number that is not finite")


def folders_differ(pair: tuple[str, str]) -> None:
    """Two values that differ (composed the same way) have two folders, and each stays inside."""
    import unicodedata

    one, other = (unicodedata.normalize("NFC", word) for word in pair)
    paths = [matrix.folder_name("{area}/{notebook}", "n", {"area": word}, {}) for word in (one, other)]
    promise((paths[0] == paths[1]) == (one == other), f"{one!r} and {other!r} share {paths[0]!r}")
    promise(
        all(path.count("/") == 1 and not path.startswith((".", "/")) and path.isprintable() for path in paths),
        "outside",
    )


def folded_alike(word: str) -> None:
    """A name is found however it was composed, and its id is plain."""
    import unicodedata

    forms = {names.fold(unicodedata.normalize(form, word)) for form in ("NFC", "NFD")}
    promise(len(forms) == 1, f"{word!r} has the forms {forms}")


def numbers_read_back(value: float) -> None:
    """A number printed with either sign reads back as itself."""
    for decimal in ".,":
        printed = f"{value:.6f}".replace(".", decimal)
        promise(numbers.parse_number(printed, decimal) == float(f"{value:.6f}"), f"{printed} reads otherwise")


def never_a_formula(word: str) -> None:
    """No exported text is computed by a spreadsheet."""
    promise(len(harmless(word)) < 2 or harmless(word)[0] not in "=+-@\t\r", f"{word!r} is computed")


WORDS = st.text(max_size=40) | st.from_regex(r"[+-]?[0-9]{1,30}([.,][0-9]{1,5})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)
PROPERTIES: list[tuple[Callable[[Any], None], st.SearchStrategy]] = [
    (declared_as_written, st.dictionaries(IDS, ODD, max_size=4)),
    (survives_the_notebook, st.dictionaries(IDS, ODD, max_size=4)),
    (typed_or_refused, st.tuples(st.sampled_from(["str", "int", "float", "bool", "list", "dict", "None"]), WORDS)),
    (folders_differ, st.tuples(st.text(max_size=30), st.text(max_size=30)).filter(lambda pair: pair[0] and pair[1])),
    (folded_alike, st.text(max_size=40)),
    (numbers_read_back, st.floats(-1e12, 1e12)),
    (never_a_formula, st.text(max_size=30)),
]
