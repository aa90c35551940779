"""import dxanalysis as dx: a handful of verbs for people who think in DataFrames."""

import ast
import doctest
import re
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dxanalysis as dx
from dxanalysis import answers, api, facts, subjects
from dxanalysis.cli import lab
from dxanalysis.facts.understand import frames, measuring, template
from tests.tables import cases, workbook, written

OWN = pd.DataFrame({"year": [2019, 2020, 2021, 2022, 2023], "value": [30.0, 34.0, 41.0, 47.5, 52.0]})


@pytest.mark.parametrize("call", [
    lambda indicator, area: dx.history(area, indicator),
    lambda indicator, area: dx.targets(area, indicator),
    lambda indicator, area: dx.assess(indicator, 2025, area),
    lambda indicator, area: dx.explore(indicator, area),
])
def test_swapped_arguments_are_said_to_be_swapped(call):
    with pytest.raises(facts.UnknownName, match=r"'.*' is an \w+ and stands where an \w+ belongs.*swapped. Exchange"):
        call("digital_economy_share", "Quảng Ninh")


@pytest.mark.parametrize(("call", "said"), [
    (lambda: dx.history("digital_economy_share", 2025), "2025 is a year and stands where an area belongs. Give its id"),
    (lambda: dx.history(None, "hue"), "None is nothing and stands where an indicator belongs"),
    (lambda: dx.targets("digital_economy_share", ["hue"]), r"\['hue'\] is of the type list and stands where an area"),
    (lambda: dx.assess("2025", 2025), "'2025' is a year and stands where an area belongs"),
    (lambda: dx.assess(2025, "hue"), "'hue' is no year. Areas come first, then years: assess"),
    (lambda: dx.assess("hue", [2025.5]), "2025.5 is no year"),
    (lambda: dx.report("30_attainment", year="hue"), "'hue' is no year. Give one such as 2025"),
    (lambda: dx.attainment({2021: "a"}, {2030: 80.0}), "The column 'value' holds 'a', no number. Give numbers as 52.0"),
])
def test_what_stands_in_the_wrong_place_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize("module", [dx, api, frames, subjects, template, lab], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_hold(module):
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL)
    assert result.attempted
    assert result.failed == 0


def test_importing_the_package_loads_no_tables():
    code = "import sys, dxanalysis; dir(dxanalysis); print('pandas' in sys.modules, 'ipywidgets' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False", "False"]


def test_completion_offers_the_verbs_only_and_the_rooms_are_there_without_it():
    assert {"history", "targets", "forecast", "attainment", "judge", "plot", "show", "read"} <= set(dir(dx))
    assert len(dir(dx)) <= 16 and not [name for name in dir(dx) if name.startswith("_")]
    assert dx.facts.load_history and dx.analysis.judge


def test_precedents_take_what_the_other_verbs_take():
    falling = {"evidence_class": "diffusion", "unit": "percent", "direction": -1}
    assert dx.precedents([(2024, 7.1)], (2030, 3.0), **falling)["share"].tolist() == [0.0]
    with pytest.raises(dx.Unclear, match=r"direction=1 or direction=-1"):
        dx.precedents({2024: 7.1}, {2030: 3.0})
    percent = dx.precedents({2024: 7.1}, 30.0, by=2030, evidence_class="diffusion")
    part = dx.precedents({2024: 0.071}, {2030: 0.3}, bounds=(0, 1), evidence_class="diffusion")
    assert percent["share"].tolist() == pytest.approx(part["share"].tolist())


def test_an_unknown_verb_is_answered_with_the_known_ones():
    with pytest.raises(AttributeError, match=r"dxanalysis has no 'histroy'.*history"):
        dx.histroy  # noqa: B018


def test_the_verb_and_the_room_have_names_of_their_own_whichever_is_imported_first():
    for first in ("import dxanalysis.forecasting", "from dxanalysis import forecast", "pass"):
        code = f"{first}; import dxanalysis as dx; print(callable(dx.forecast), callable(dx.forecasting.explain))"
        shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert shown.stdout.split() == ["True", "True"]


def test_a_table_with_year_and_value_is_enough_for_every_verb():
    goals = {2023: 50.0, 2030: 80.0}
    assert list(dx.forecast(OWN, 3, quantiles=[0.5])["year"]) == [2024, 2025, 2026]
    attained = dx.attainment(OWN, goals)
    assert attained["verdict"].iloc[0] == "achieved"
    assert 0 <= attained["probability"].iloc[1] <= 1
    assert set(dx.judge(OWN, goals)["target_year"]) == {2023, 2030}
    for kind in answers.OF_SERIES:
        assert dx.plot(OWN, goals, kind=kind, unit="percent", lang="en").get_label()


def test_a_forecast_keeps_within_the_bounds_of_what_is_measured():
    high = pd.DataFrame({"year": [2021, 2022, 2023], "value": [90.0, 95.0, 99.0]})
    share = dx.measure("Hồ sơ trực tuyến", title_en="Online files")
    assert dx.forecast(high, 5, indicator=share)["value"].max() <= 100


def test_the_results_of_verbs_are_tables_with_a_plain_one_inside():
    history = dx.history("digital_economy_share", "Việt Nam")
    targets = dx.targets("digital_economy_share", "Việt Nam")
    for table in (dx.forecast(history), dx.attainment(history, targets), dx.judge(history, targets)):
        assert type(table.table) is pd.DataFrame
        assert type(table[table.columns[:1]]) is pd.DataFrame
        assert table.attrs["summary"]


def test_lower_is_better_where_the_measure_says_so():
    days = dx.measure("Thời gian xử lý", unit="ngày", direction=-1)
    falling = pd.DataFrame({"year": [2021, 2022, 2023], "value": [9.0, 7.0, 4.0]})
    assert dx.attainment(falling, {2023: 5.0}, indicator=days)["verdict"].tolist() == ["achieved"]


def test_a_shown_table_names_unit_definition_and_sources_and_escapes_them():
    markup = dx.show(dx.history("digital_economy_share", "viet-nam"))._repr_html_()
    assert "(%)" in markup
    assert 'href="https://' in markup
    nasty = dx.measure("<script>alert(1)</script>")
    assert "<script>" not in dx.show(OWN, indicator=nasty)._repr_html_()


@pytest.mark.parametrize("shape", [
    pd.Series([30.0, 34.0, 41.0, 47.5, 52.0], index=[2019, 2020, 2021, 2022, 2023]),
    OWN.set_index("year"),
    OWN.assign(indicator="my_own", area="Phường 1", definition="x"),
], ids=["series", "years as index", "names that no catalogue knows"])
def test_a_series_and_an_index_of_years_and_names_of_ones_own_are_understood(shape):
    pd.testing.assert_series_equal(dx.forecast(shape, 2)["value"], dx.forecast(OWN, 2)["value"])
    assert dx.judge(shape, pd.Series({2030: 80.0}))["step"].tolist() == dx.judge(OWN, {2030: 80.0})["step"].tolist()


#: what is refused, by what it says; the code that each message ends with is run on the input that raised it
CURES = [
    (OWN.rename(columns={"value": "gia", "year": "k"}), r"has the columns .* and no 'year'. Rename"),
    (pd.DataFrame({"value": [1.0]}), r"no 'year'. Add your own"),
    (pd.concat([OWN, OWN]), r"2019 twice"),
    (pd.concat([OWN, OWN]).assign(area="Huế"), r"2019 twice for Huế"),
    (pd.Series([30.0, 34.0], index=[2020, 2020]), r"2020 twice"),
    ([(2020, 1.0), (2020, 2.0), (2021, 3.0)], r"2020 twice"),
    (pd.Series([30.0, 34.0, 41.0]), r"\[0, 1, 2\] is no years"),
    ({0: 30.0, 1: 34.0}, r"\[0, 1\] is no years"),
    (pd.concat([OWN, OWN["value"]], axis=1), r"2 columns 'value'. Keep one: table.loc"),
    (OWN.assign(value=[True, False, True, True, False]), r"true and false"),
    (pd.Series([True, False, True], index=[2020, 2021, 2022]), r"true and false"),
    (OWN.assign(value=[1j, 2, 3, 4, 5]), r"complex numbers"),
    ({2020: 1j, 2021: 2 + 1j}, r"complex numbers"),
    (OWN.assign(value=[1e308, 1, 2, 3, 4]), r"cannot be computed with"),
    ({2020: float("inf"), 2021: 2.0}, r"cannot be computed with"),
    (OWN.assign(year=[1, 2, 3, 4, 5]), r"is no year"),
    (pd.Series([1.0, 2.0], index=pd.DatetimeIndex(["2020-12-31 17:00Z", "2021-12-31 17:00Z"])), r"a zone"),
    (pd.DataFrame({"year": [2020, 2020], "sex": ["Nam", "Nữ"], "value": [1.0, 2.0]}), r"2020 twice"),
    (pd.DataFrame({"year": ["2020", "2020"], "sex": ["Nam", "Nữ"], "age": ["a", "b"], "value": [1.0, 2.0]}), r"apart"),
]


@pytest.mark.parametrize(("table", "said"), CURES, ids=[f"{type(table).__name__} {said}" for table, said in CURES])
def test_what_cannot_be_computed_with_is_refused_and_the_printed_cure_works(table, said):
    with pytest.raises(ValueError, match=said):
        dx.judge(table, {2030: 80})
    with pytest.raises(ValueError, match=said) as error:
        dx.forecast(table, 2)
    code = re.search(r"(?:: )((?:table|pd)[.\[(].*)$", str(error.value)).group(1)
    mended = eval(code, {"pd": pd, "table": table})  # noqa: S307 - the code that our own message prints
    assert len(dx.forecast(mended, 2))


ASKING = {
    "direction": lambda **more: dx.judge({2023: 5.0}, {2030: 3.0}, **more),
    "by": lambda **more: dx.attainment(OWN, 80, **more),
    "scale": lambda **more: dx.attainment({2021: 0.41, 2022: 0.475, 2023: 0.52}, {2030: 80}, **more),
    "scale of the target": lambda **more: dx.judge(OWN, {2030: 0.8}, direction=1, **more),
    "scale of some": lambda **more: dx.forecast(pd.Series({2021: "12.5%", 2022: "0.143"}), 1, **more),
    "annual": lambda **more: dx.forecast(pd.Series(1.0, index=pd.period_range("2021Q1", "2022Q4", freq="Q")), **more),
    "decimal": lambda **more: dx.forecast(pd.DataFrame({"year": [2021, 2022], "value": ["1.241", "1.352"]}), 1, **more),
    "area": lambda **more: dx.plot(WIDE, unit="percent", **more),
}


@pytest.mark.parametrize("kind", ASKING)
def test_every_answer_a_verb_prints_is_taken_by_the_call_that_asked(kind):
    with pytest.raises(dx.Unclear, match=f"Answer with {kind.split()[0]}=") as asked:
        ASKING[kind]()
    printed = re.findall(rf"{asked.value.keyword}=('[^']*'|-?[\d.]+)", str(asked.value).rpartition("Answer with")[2])
    assert printed
    for answer in printed:
        assert ASKING[kind](**{asked.value.keyword: ast.literal_eval(answer.rstrip("."))}) is not None


def test_a_direction_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"Direction 5 is none\. \+1"):
        dx.measure("x", direction=5)


def test_an_example_workbook_is_read_back_as_it_was(tmp_path):
    published = dx.history("digital_economy_share", "viet-nam")
    history = dx.read(dx.facts.own_workbook("", published, tmp_path))
    columns = ["indicator", "definition", "area", "year", "value", "status", "source"]
    pd.testing.assert_frame_equal(history[columns], published[columns])


def test_an_example_gives_an_undated_page_the_day_its_figures_count_as_known(tmp_path):
    published = dx.history("pci_score", "bac-ninh")
    undated = [not dx.facts.source(one).published for one in published["source"]]
    assert any(undated)
    history = dx.read(dx.facts.own_workbook("", published, tmp_path))
    assert history.loc[undated, "vintage"].tolist() == published.loc[undated, "vintage"].tolist()


def test_a_template_without_figures_gives_an_empty_history(tmp_path):
    published = dx.history("digital_economy_share", "viet-nam")[:0]
    history = dx.read(dx.facts.own_workbook("", published, tmp_path))
    assert list(history.columns) == measuring.HISTORY
    assert history.empty


PLAIN = "Năm;Giá trị\n2023;7,1\n2024;8,25\n"
TITLED = [["BÁO CÁO CHUYỂN ĐỔI SỐ"], [], ["Năm", "Giá trị (%)"], [2023, "7,1"], [2024, 8.25]]
MANY = [["Tỉnh, thành phố", "2023", "2024"], ["Hải Phòng", 14, 16], ["Quảng Ninh", 7.1, 8.25]]


@cases("make", {
    "a text file": (lambda folder: written(folder, PLAIN, "của tôi.csv"),),
    "a workbook with a title, its sheet named as in templates": (
        lambda folder: workbook(folder / "a.xlsx", TITLED, lambda sheet: setattr(sheet, "title", "Số liệu")),),
    "a wide workbook of many places": (lambda folder: workbook(folder / "w.xlsx", MANY),),
})
def test_a_file_of_ones_own_is_read(tmp_path, make):
    asked = {"indicator": "digital_economy_share", "area": "Quảng Ninh"}
    for through, figures in ((None, [[2023, 7.1], [2024, 8.25]]), (2023, [[2023, 7.1]])):
        history = dx.read(make(tmp_path), **asked, through=through)
        assert history[["year", "value"]].values.tolist() == figures and set(history["area"]) == {"quang-ninh"}


def test_a_file_that_leaves_a_question_says_how_to_answer_it(tmp_path):
    with pytest.raises(dx.Unclear, match="Answer with area=") as asked:
        dx.read(written(tmp_path, PLAIN), indicator="digital_economy_share")
    assert (asked.value.question, asked.value.keyword) == ("area", "area")


def test_a_workbook_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(dx.facts.DataError, match=r"nowhere\.xlsx: is not a file"):
        dx.facts.own_workbook("nowhere.xlsx", OWN, tmp_path)


def test_options_behind_lab_and_explore_reach_jupyter():
    assert lab.passed_on(["lab", "--no-browser", "--port=1"]) == ["lab", "--", "--no-browser", "--port=1"]
    assert lab.without_mark(["--", "--no-browser"]) == ["--no-browser"]


def test_settings_of_the_researcher_are_never_overwritten(tmp_path):
    lab.write_settings(tmp_path)
    (file,) = tmp_path.rglob("notification*")
    file.write_text("{}", encoding="utf-8")
    lab.write_settings(tmp_path)
    assert file.read_text(encoding="utf-8") == "{}"


FALLING = {2016: 9.2, 2018: 6.8, 2020: 4.8, 2021: 3.4, 2022: 2.5, 2023: 1.9}


def test_of_a_falling_series_lower_is_better_and_that_is_said():
    panel = dx.judge(FALLING, {2025: 1.0}, unit="percent", lang="en")
    assert "achieved" not in set(panel["step"])
    assert panel.attrs["notes"][0].startswith("Read as lower-is-better")
    assert dx.attainment(FALLING, {2025: 1.0}, unit="percent")["probability"].iloc[0] > 0.1
    assert "Read as lower-is-better" in repr(panel)


@pytest.mark.parametrize(("history", "goal"), [
    ({2021: 41.0, 2022: 47.5, 2023: 52.0}, {2030: 20.0}),  # rising, and the target lies below all of it
    (FALLING, {2030: 12.0}),  # falling, and the target lies above all of it
    ({2023: 5.0}, {2030: 3.0}),  # one figure tells no way
], ids=["below", "above", "one"])
def test_a_direction_that_could_be_either_is_asked_by_every_verb(history, goal):
    for verb in (dx.judge, dx.attainment, dx.plot):
        with pytest.raises(dx.Unclear, match="Answer with direction=1 or direction=-1") as asked:
            verb(history, goal)
        assert asked.value.keyword == "direction"
    assert len(dx.judge(history, goal, direction=-1)) and len(dx.judge(history, goal, direction=1))


def test_numbers_without_a_unit_say_what_the_other_reading_gives():
    plain = dx.attainment(OWN, {2030: 80.0}, lang="en")
    percent = dx.attainment(OWN, {2030: 80.0}, unit="percent", lang="en")
    note = next(note for note in plain.attrs["notes"] if note.startswith("Read as plain numbers"))
    assert f"As percentages (0-100): probability {percent['chance'].iloc[0]:.2g}" in note
    assert not [note for note in percent.attrs["notes"] if "plain numbers" in note]
    assert "phần của 1" in " ".join(dx.forecast({2021: 0.4, 2022: 0.5}, 1).attrs["notes"])


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([1e-6, 0.001, 0.01, 0.5, 7.0, 1e6]), st.sampled_from(list(range(4))))
def test_the_scale_of_nameless_numbers_changes_nothing(factor, which):
    series = [{2013: 10.0, 2015: 90.0}, {2019: 30.0, 2020: 34, 2021: 41, 2022: 47.5, 2023: 52}, FALLING, {2020: 3.0}][
        which
    ]
    goal = {2025: 1.5} if which == 2 else {2030: 95.0}
    scaled = {year: value * factor for year, value in series.items()}
    a, b = dx.forecast(series, 3)["value"], dx.forecast(scaled, 3)["value"]
    assert (b / factor).to_numpy() == pytest.approx(a.to_numpy(), rel=1e-9)
    aims = {year: value * factor for year, value in goal.items()}
    one, other = dx.judge(series, goal), dx.judge(scaled, aims)
    assert one["status"].tolist() == other["status"].tolist()
    assert one["step"].tolist() == other["step"].tolist()


SHAPES = {
    "text years": pd.Series([40.0, 45.0], index=["2021", "2022"]),
    "days": pd.Series([40.0, 45.0], index=pd.to_datetime(["2021-12-31", "2022-12-31"])),
    "first days": pd.Series([40.0, 45.0], index=pd.to_datetime(["2021-01-01", "2022-01-01"])),
    "annual periods": pd.Series([40.0, 45.0], index=pd.period_range("2021", periods=2, freq="Y")),
    "Vietnamese names": pd.DataFrame({"Năm": ["2021", "2022"], "Giá trị": ["40,0", "45,0"]}),
    "SDMX names": pd.DataFrame({"TIME_PERIOD": ["2021", "2022"], "OBS_VALUE": [40.0, 45.0]}),
    "years across": pd.DataFrame({2021: [40.0], 2022: [45.0]}),
    "years across with a name": pd.DataFrame({"Tỉnh": ["Huế"], "2021": ["40,0"], "2022": ["45,0"]}),
    "mapping": {2021: 40.0, 2022: 45.0},
    "pairs": [(2021, 40.0), (2022, 45.0)],
    "index of years": pd.DataFrame({"value": [40.0, 45.0]}, index=[2021, 2022]),
    "a column of a panel": pd.DataFrame({"Huế": [40.0, 45.0]}, index=[2021, 2022]),
    "area and year as index": pd.Series([40.0, 45.0], index=pd.MultiIndex.from_product([["Huế"], [2021, 2022]],
                                                                                        names=["area", "year"])),
    "days as column": pd.DataFrame({"date": pd.to_datetime(["2021-12-31", "2022-12-31"]), "share": [40.0, 45.0]}),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_common_shape_of_a_table_gives_the_same_answer(name):
    expected = dx.forecast({2021: 40.0, 2022: 45.0}, 2, unit="percent")["value"].tolist()
    assert dx.forecast(SHAPES[name], 2, unit="percent")["value"].tolist() == expected
    assert len(dx.judge(SHAPES[name], {2030: 80.0}, unit="percent")) == 7
    assert dx.attainment(SHAPES[name], (2030, 80.0), unit="percent")["target"].tolist() == [80.0]


WIDE = pd.DataFrame({"Quảng Ninh": [40.0, 45.0, 50.0], "Hà Nội": [60.0, 66.0, 70.0]}, index=[2021, 2022, 2023])


def test_a_panel_of_areas_is_answered_area_by_area():
    long = WIDE.rename_axis("year").reset_index().melt("year", var_name="area")
    for panel in (WIDE, long, WIDE.T.rename_axis("Tỉnh").reset_index()):
        for verb in (dx.attainment, dx.judge):
            answer = verb(panel, {2030: 80.0}, unit="percent")
            assert answer["area"].unique().tolist() == ["Quảng Ninh", "Hà Nội"] or set(answer["area"]) == set(WIDE)
        alone = dx.forecast(WIDE["Hà Nội"], 2, unit="percent")["value"].tolist()
        fan = dx.forecast(panel, 2, unit="percent")
        assert fan.loc[fan["area"] == "Hà Nội", "value"].tolist() == alone
        assert dx.plot(panel, {2030: 80.0}, unit="percent", area="Hà Nội").get_label()
        with pytest.raises(dx.Unclear, match=r"this picture shows one series"):
            dx.plot(panel, {2030: 80.0}, unit="percent")


def test_quarters_and_months_ask_for_the_rule_and_the_answer_works():
    quarters = pd.Series(range(40, 48), index=pd.period_range("2021Q1", periods=8, freq="Q"))
    months = pd.Series(range(24), index=pd.date_range("2021-01-31", periods=24, freq="ME"))
    for series in (quarters, months):
        with pytest.raises(dx.Unclear, match=r"there is no yearly figure.*annual='mean' or annual='sum'"):
            dx.forecast(series, 1)
        assert dx.forecast(series, 1, annual="mean", quantiles=[0.5])["year"].tolist() == [2023]
    assert frames.as_history(quarters, annual="sum")["value"].tolist() == [166.0, 182.0]
    assert frames.as_history(quarters, annual="last")["value"].tolist() == [43.0, 47.0]


def test_a_bare_number_as_target_needs_its_year_and_text_with_percent_signs_is_percent():
    with pytest.raises(dx.Unclear, match=r"80 is due in which year.*by=2030"):
        dx.attainment(OWN, 80)
    assert dx.attainment(OWN, 80, by=2030, unit="percent")["target_year"].tolist() == [2030]
    signs = dx.attainment(pd.Series({2021: "41%", 2022: "47,5%"}), {2030: "80%"})
    assert signs["high"].iloc[0] <= 100
    mixed = frames.as_history(pd.Series({2021: "12.5%", 2022: "0.143"}), scale=100)
    assert mixed["value"].tolist() == pytest.approx([12.5, 14.3])
    assert dx.attainment({2021: 0.41, 2022: 0.475, 2023: 0.52}, {2030: 80}, scale=100)["last"].tolist() == [52.0]


@pytest.mark.parametrize(
    "goal", [{2030: float("nan")}, {2030: float("inf")}, {99999: 80}, {2030: True}, {2030: 1 + 2j}]
)
def test_targets_that_are_none_are_refused_by_every_verb(goal):
    for verb in (dx.judge, dx.attainment, dx.plot):
        with pytest.raises(ValueError, match=r"target|year|figures|computed"):
            verb(OWN, goal)


def test_every_picture_of_the_notebooks_is_one_keyword_away():
    history, goals = dx.history("digital_economy_share", "viet-nam"), dx.targets("digital_economy_share", "viet-nam")
    for kind in (*answers.OF_SERIES, *answers.OF_CATALOGUE):
        assert dx.plot(history, goals, kind=kind).get_label()
    for kind in answers.OF_AREAS:
        assert dx.plot(dx.history("digital_economy_share", "quang-ninh"), kind=kind).get_label()
    with pytest.raises(ValueError, match=r"compares areas, and the table holds one"):
        dx.plot(OWN, kind="peers")
    with pytest.raises(ValueError, match=r"shows what the catalogue holds"):
        dx.plot(OWN, {2030: 80.0}, kind="releases")


def test_a_result_shows_its_paragraph_in_both_languages():
    for lang, words in (("vi", "số liệu gần nhất là 52%"), ("en", "the latest figure is 52%")):
        shown = dx.attainment(OWN, {2030: 80.0}, unit="percent", lang=lang)
        assert words in shown._repr_html_() and words in repr(shown)
        assert "<table" in shown._repr_html_()
    assert answers.SHORT
