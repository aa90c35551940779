"""What a parameters cell declares, and what is refused before anything starts."""

import pytest

from dxanalysis.batch.errors import ParameterError
from dxanalysis.batch.matrix import spread
from dxanalysis.batch.parameters import Parameter, check, from_text, read_parameters

CELL = 'area: str = "a"\nyear: int = 2025\nlang: str = "vi"  # one of: vi, en\nrate: float = 0.5\nsheet: str'


@pytest.fixture
def declared():
    return read_parameters(CELL, "n.ipynb")


def test_types_come_from_annotations_and_from_literals():
    read = read_parameters('a: float | None = None\nb = True\nc: list[str] = ["01"]\nd: "Optional[int]" = 3\ne = None')
    assert {name: p.kinds for name, p in read.items()} == {
        "a": ("float", "None"),
        "b": ("bool",),
        "c": ("list",),
        "d": ("int", "None"),
        "e": (),
    }


def test_allowed_values_come_from_a_comment_or_from_literal():
    read = read_parameters('from typing import Literal\na = "x"  # choices: x, y\nb: Literal[1, 2] = 1')
    assert (read["a"].allowed, read["b"].allowed) == (("x", "y"), (1, 2))


def test_every_parameter_of_the_cell_is_returned_with_its_default(declared):
    assert check(declared, {"sheet": "s", "year": 2021}) == {
        "area": "a", "year": 2021, "lang": "vi", "rate": 0.5, "sheet": "s",
    }


@pytest.mark.parametrize(("given", "message"), [
    ({"sheet": "s", "yaer": 2021}, r"has no parameter 'yaer'\. Did you mean 'year'\? It has: area, year, lang"),
    ({}, r"needs parameter 'sheet' \(str\), which has no default"),
    ({"sheet": "s", "year": "2021"}, r"'year' must be int, got '2021'"),
    ({"sheet": "s", "year": True}, r"'year' must be int, got True"),
    ({"sheet": "s", "area": 1}, r"'area' must be str, got 1"),
    ({"sheet": "s", "lang": "vii"}, r"'lang' cannot be 'vii'\. Did you mean 'vi'\? Allowed: vi, en"),
    ({"sheet": None}, r"'sheet' must be str, got None"),
])
def test_a_wrong_parameter_is_refused_with_the_cure(declared, given, message):
    with pytest.raises(ParameterError, match=message):
        check(declared, given, "n.ipynb")


TEXTS = ["01", "007", "NO", "off", "1e5", "22:30", "1_000", "nan", "[1, 2]", "", "null"]


@pytest.mark.parametrize(("kind", "text", "value"), [
    *(("str", text, text) for text in TEXTS), ("int", "01", 1), ("int", "-5", -5), ("float", "1e5", 1e5),
    ("bool", "true", True), ("list", "[1, 2]", [1, 2]), ("str int", "01", "01"), ("str int", "1", 1),
    ("int", "1.0", None), ("int", "1_000", None), ("float", "9,96", None), ("bool", "yes", None),
])
def test_text_takes_the_type_of_its_parameter_or_is_refused(kind, text, value):
    parameter = Parameter("x", tuple(kind.split()))
    if value is not None:
        found = from_text(parameter, text)
        assert found == value and type(found) is type(value)
    else:
        with pytest.raises(ParameterError, match=rf"must be {kind}, got '{text}'"):
            from_text(parameter, text)


def test_a_range_counts_only_for_whole_numbers():
    assert spread(Parameter("year", ("int",)), "2021-2023") == [2021, 2022, 2023]
    assert spread(Parameter("area", ("str",)), "2021-2023") == ["2021-2023"]
    with pytest.raises(ParameterError, match="counts down"):
        spread(Parameter("year", ("int",)), "2023-2021")


def test_a_list_parameter_takes_one_list_or_several():
    codes = Parameter("codes", ("list",), item="str")
    assert spread(codes, ["01", "02"]) == [["01", "02"]]
    assert spread(codes, [["01"], ["02"]]) == [["01"], ["02"]]


@pytest.mark.parametrize(("cell", "message"), [
    ("year = 2000 + 1 if True else 3", "'year' is not a literal in line 1"),
    ("import os\nos.environ['x'] = '1'", "line 2 of the parameters cell is not an assignment"),
    ("year = = 1", "is not Python"),
    ('year: int = "x"', "'year' must be int, got 'x'"),
    ('lang = "de"  # one of: vi, en', "'lang' cannot be 'de'"),
])
def test_a_parameters_cell_that_is_not_plain_is_refused(cell, message):
    with pytest.raises(ParameterError, match=message):
        read_parameters(cell, "n.ipynb")
