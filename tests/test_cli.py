"""The commands: what they understand and what they say."""

import pytest

from dxanalysis import cli


def parse(*words: str):
    return cli.parser().parse_args(words)


def test_areas_are_matched_without_accents_case_or_form(tmp_path):
    import unicodedata

    for typed in ("quang-ninh", "quang ninh", "QUẢNG NINH", unicodedata.normalize("NFD", "Quảng Ninh")):
        (matrix,) = cli.matrices(parse("run", "--areas", typed, "--years", "2025"))
        assert matrix.parameters["area"] == ["quang-ninh"]


def test_a_misspelt_area_is_refused_with_a_suggestion(capsys):
    assert cli.main(["run", "--areas", "quang nin", "--dry-run"]) == 2
    assert "Did you mean 'quang-ninh'" in capsys.readouterr().err


def test_a_misspelt_notebook_is_refused_with_the_known_ones(capsys):
    assert cli.main(["run", "--notebooks", "99_nothing", "--dry-run"]) == 2
    assert "30_attainment" in capsys.readouterr().err


def test_a_misspelt_parameter_is_refused_with_a_suggestion(capsys, tmp_path):
    assert cli.main(["run", "-p", "definitoin=gso", "--dry-run", "--out", str(tmp_path)]) == 2
    assert "Did you mean 'definition'" in capsys.readouterr().err


def test_a_year_that_is_no_number_is_refused_before_anything_starts(capsys, tmp_path):
    assert cli.main(["run", "--years", "soon", "--dry-run", "--out", str(tmp_path)]) == 2
    assert "soon" in capsys.readouterr().err


def test_a_parameter_without_a_value_is_refused(capsys):
    assert cli.main(["run", "-p", "definition", "--dry-run"]) == 2
    assert "-p takes NAME=VALUE, received 'definition'" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["01", "NO", "1e5", "22:30"])
def test_texts_stay_texts(value):
    (matrix,) = cli.matrices(parse("run", "--areas", "viet-nam", "-p", f"definition={value}"))
    assert matrix.parameters["definition"] == [value]


def test_without_words_the_matrix_file_is_planned(capsys, tmp_path):
    assert cli.main(["run", "--dry-run", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "quang-ninh/2021/10_trend" in shown
    assert "viet-nam/2023/30_attainment--as_of=year-end" in shown
    assert "never run" in shown


def test_a_run_depends_on_the_data_it_reads():
    names = {path.name for path in cli.data_files(None, {})}
    assert {"observations.csv", "targets.csv", "indicators.csv"} <= names
