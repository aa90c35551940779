"""Where a run's result goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxanalysis.batch.errors import BatchError
from dxanalysis.batch.matrix import folder_name, safe

DEFAULTS = {"area": "quang-ninh", "year": 2025, "lang": "vi"}


def test_fields_fill_the_template_and_the_rest_follows_when_it_differs():
    run = {"area": "ha-noi", "year": 2023, "lang": "en"}
    assert folder_name("{area}/{year}/{notebook}", "30_a", run, DEFAULTS) == "ha-noi/2023/30_a--lang=en"


def test_defaults_add_nothing():
    assert folder_name("{notebook}", "n", DEFAULTS, DEFAULTS) == "n"


def test_a_function_may_choose_the_template():
    chosen = folder_name(lambda name, run: f"{{year}}/{name}", "n", DEFAULTS, DEFAULTS)
    assert chosen == "2025/n"


def test_a_field_the_notebook_lacks_is_refused():
    with pytest.raises(BatchError, match="asks for 'town', which n does not have"):
        folder_name("{town}", "n", DEFAULTS, DEFAULTS)


@pytest.mark.parametrize("template", ["/{notebook}", "../{notebook}", "{year}/../../{notebook}"])
def test_a_template_cannot_leave_the_output_folder(template):
    with pytest.raises(BatchError, match="outside the output folder"):
        folder_name(template, "n", DEFAULTS, DEFAULTS)


@pytest.mark.parametrize(
    "value", ["../../etc", "/etc/passwd", "..", ".", "a\\..\\b", "C:x", "con", "_failed", ".staging"]
)
def test_a_value_cannot_leave_its_folder_or_take_a_name_of_ours(value):
    name = folder_name("{area}/{notebook}", "n", DEFAULTS | {"area": value}, DEFAULTS)
    assert name.count("/") == 1
    assert not name.startswith((".", "_", "/")) and "\\" not in name and ":" not in name
    assert name.split("/")[0].lower() not in ("con", "..")


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_values_never_look_the_same(one, other):
    import unicodedata

    if unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other):
        assert safe(one) != safe(other)


@given(st.text(max_size=400))
def test_a_name_is_short_enough_for_any_file_system(value):
    assert 0 < len(safe(value).encode()) <= 120
