"""A user's file becomes a package: what is understood, what is asked, what is refused, and nothing half done."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest

from dxanalysis.api import measure
from dxanalysis.facts.package import open_package
from dxanalysis.facts.schema import DataError
from dxanalysis.facts.understand.door import understand
from dxanalysis.facts.understand.packing import write_package
from dxanalysis.facts.understand.reading import Unclear
from tests.tables import import_file, written

WIDE = """Bảng 1. Tỷ trọng kinh tế số
(Đơn vị tính: %)
STT;Tỉnh;2020;2021;Sơ bộ 2022
1;Quảng Ninh;5,1;…;7,15
2;TP. Hồ Chí Minh;-;12,6;8
Nguồn: Cục Thống kê;;;;
"""
SOURCE = {
    "publisher": "Cục Thống kê", "title": "Niên giám thống kê", "published": "2023-06-30", "grade": "official",
    "url": "https://example.org/nien-giam",
}


def understood(folder, text=WIDE, **answers):
    return understand(written(folder, text), indicator=answers.pop("indicator", "digital_economy_share"), **answers)


def package(folder, text=WIDE, **more):
    """Import a text into the folder `mine` as figures of the ministry."""
    return import_file(written(folder, text), folder / "mine", **{"definition": "mic", "source": SOURCE} | more)


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_preview_says_what_was_understood_and_asks_for_the_rest(tmp_path):
    preview = understand(written(tmp_path, WIDE))
    assert preview.table[["area", "period", "value", "status"]].values.tolist() == [
        ["quang-ninh", "2020", 5.1, ""],
        ["quang-ninh", "2022", 7.15, "preliminary"],
        ["tp-ho-chi-minh", "2021", 12.6, ""],
        ["tp-ho-chi-minh", "2022", 8.0, "preliminary"],
    ]
    assert set(preview.questions) == {"definition", "source"}  # the title names the indicator
    assert preview.table["indicator"].unique().tolist() == ["digital_economy_share"]
    assert "Printed numbers read with a decimal comma." in preview.understood
    assert "The file says: 'Cục Thống kê'." in preview.questions["source"].text


def test_an_import_is_a_package_that_loads_beside_the_shipped_one(tmp_path, monkeypatch):
    target = package(tmp_path)
    assert left_in(target) == ["datapackage.json", "observations.csv", "sources.csv"]
    monkeypatch.setenv("DX_DATA", str(target))
    rows = open_package().tables["observations"]
    own = rows[rows["source"].str.startswith("cuc-thong-ke-nien-giam")]
    assert own[["area", "period", "value", "unit", "status", "vintage"]].values.tolist() == [
        ["quang-ninh", "2020", 5.1, "percent", "official", "2023-06-30"],
        ["quang-ninh", "2022", 7.15, "percent", "preliminary", "2023-06-30"],
        ["tp-ho-chi-minh", "2021", 12.6, "percent", "official", "2023-06-30"],
        ["tp-ho-chi-minh", "2022", 8.0, "percent", "preliminary", "2023-06-30"],
    ]


def test_the_written_package_validates_with_an_independent_reader(tmp_path):
    frictionless = pytest.importorskip("frictionless", reason="the test extra frictionless is not installed")
    target = package(tmp_path)
    described = json.loads((target / "datapackage.json").read_text(encoding="utf-8"))
    for table in described["resources"]:
        table["schema"].pop("foreignKeys", None)  # they lead into the shipped package
        assert frictionless.Resource(table, basepath=str(target)).validate().valid


def test_open_questions_are_listed_together_and_nothing_is_written(tmp_path):
    preview = understand(written(tmp_path, WIDE))
    with pytest.raises(Unclear, match=r"(?s)leaves 2 questions.*definition=.*source="):
        write_package(preview, tmp_path / "mine")
    assert left_in(tmp_path) == ["a.csv"]


@pytest.mark.parametrize(("text", "message"), [
    (WIDE.replace("Quảng Ninh", "Quảng Nin"),
     r"row 4, column 'area': no such area. Received 'Quảng Nin'. Did you mean 'quang-ninh'"),
    (WIDE.replace("TP. Hồ Chí Minh", "Quảng Ninh"), r"row 5, column 'E'.*of row 4"),
    (WIDE.replace("Sơ bộ 2022", "2029"), r"row 4.*lies in the future"),
    (WIDE.replace("12,6", "126"), r"row 5, column 'D': beyond the upper bound 100"),
    (WIDE.replace("12,6", "=1+1"), r"row 5, column 'D': '=1\+1' is not a number"),
    (WIDE.replace("%", "tỷ đồng"), r"the unit 'tỷ đồng', which does not convert into the catalogue's 'percent'"),
])
def test_faults_name_the_row_and_column_of_the_users_file_and_nothing_is_written(tmp_path, text, message):
    before = open_package().digest
    with pytest.raises((DataError, Unclear), match=message):
        package(tmp_path, text, indicator="digital_economy_share")
    assert left_in(tmp_path) == ["a.csv"]
    assert open_package().digest == before


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(OSError, match="No space left"):
        package(tmp_path)
    assert left_in(tmp_path) == ["a.csv"]


@pytest.mark.parametrize(("folder", "answers", "message"), [
    ("there", {}, "exists already"),
    ("shipped", {}, "may not be written into the shipped data"),
    ("mine", {"definition": "gsoo"}, r"unknown definition 'gsoo'. Known: \['.*gso"),
    ("mine", {"source": SOURCE | {"published": ""}}, "the source lacks published"),
])
def test_where_and_under_which_name_nothing_may_be_written_is_said(tmp_path, root, folder, answers, message):
    (tmp_path / "there").mkdir()
    target = root / "data" / "mine" if folder == "shipped" else tmp_path / folder
    with pytest.raises(DataError, match=message):
        import_file(written(tmp_path, WIDE), target, **{"definition": "mic", "source": SOURCE} | answers)
    assert target.exists() == (folder == "there") and not (root / "data" / "mine").exists()


FRACTIONS = "Tỉnh;2020;2021\nQuảng Ninh;0,051;0,0715\nHà Nội;0,12;0,13\n"
CODES = "Mã tỉnh;2020;2021\n22;5;6\n24;7;8\n"
SEXES = "Tỉnh;Giới tính;Năm;Giá trị\nHuế;Chung;2020;5\nHuế;Nam;2020;6\n"


@pytest.mark.parametrize(("text", "answers", "question", "said"), [
    (FRACTIONS, {}, "scale", "are they fractions?"),
    (CODES, {}, "code_list", "answer 'vn63' or 'vn34'"),
    (SEXES, {}, "where", "which 'Giới tính'? One of ['Chung', 'Nam']."),
    (SEXES, {"where": {"Giới tính": "Nữ"}}, "where", "'Nữ' is not in 'Giới tính'"),
    (SEXES.replace("Chung", "中").replace("Nam", "国"), {"where": {"Giới tính": "Ω"}}, "where", "'Ω' is not in 'Giới"),
    (WIDE, {"where": {"Sex": "all"}}, "where", "'Sex' is no dimension; dimensions: ["),
    ("Năm;Tỷ trọng kinh tế số\n2024;7,1\n", {}, "area", "the file names no area: answer its name or id."),
    ("Tỉnh;Năm;Tỷ trọng kinh tế số trong GRDP (%)\nQuảng Ninh;2024;7,1\n", {"indicator": None}, "indicator",
     "answer its id. Did you mean 'digital_economy_share'?"),
])
def test_a_question_says_what_may_be_answered(tmp_path, text, answers, question, said):
    assert said in understood(tmp_path, text, **answers).questions[question].text


@pytest.mark.parametrize(("text", "answers", "column", "expected"), [
    (FRACTIONS, {"scale": 100}, "value", [5.1, 7.15, 12.0, 13.0]),
    (FRACTIONS, {"scale": 1}, "value", [0.051, 0.0715, 0.12, 0.13]),
    (CODES, {"code_list": "vn63"}, "area", ["quang-ninh", "quang-ninh", "bac-giang", "bac-giang"]),
    (CODES, {"code_list": "vn34"}, "area", ["quang-ninh", "quang-ninh", "bac-ninh-2025", "bac-ninh-2025"]),
    (SEXES, {"where": {"Giới tính": "chung"}}, "value", [5]),
    # areas across; and a list of old provinces, which is read in old boundaries whatever its year
    ("Năm;Quảng Ninh;Hà Nội\n2020;1,5;2\n2021;1,6;3\n", {}, "area", ["quang-ninh", "ha-noi"] * 2),
    ("Tỉnh;2024;2025\nBắc Giang;1;2\nBắc Ninh;5;6\n", {}, "area", ["bac-giang"] * 2 + ["bac-ninh"] * 2),
])
def test_an_answer_settles_its_question(tmp_path, text, answers, column, expected):
    preview = understood(tmp_path, text, **answers)
    assert preview.table[column].tolist() == expected and not set(preview.questions) & set(answers)


def test_a_scale_is_a_number_above_0(tmp_path):
    with pytest.raises(ValueError, match=r"scale must be a number above 0.*received -10"):
        understood(tmp_path, scale=-10)


def test_a_shared_name_means_the_province_of_its_period(tmp_path):
    text = "Tỉnh;2024;2026\nBắc Ninh;5;6\nQuảng Ninh;7;8\n"
    preview = understood(tmp_path, text)
    assert preview.table["area"].tolist() == ["bac-ninh", "bac-ninh-2025", "quang-ninh", "quang-ninh"]
    assert any("shared by provinces before and after 1 July 2025 (Bắc Ninh)" in note for note in preview.understood)
    chosen = understood(tmp_path, text, boundaries="since-2025").table["area"].tolist()
    assert chosen == ["bac-ninh-2025", "bac-ninh-2025", "quang-ninh", "quang-ninh"]


def test_an_answered_indicator_may_be_its_title_and_an_unknown_one_is_named(tmp_path):
    text = "Tỉnh;2020;2021\nHuế;1;2\n"
    assert (
        understood(tmp_path, text, indicator="ty trong kinh te so").table.at[0, "indicator"] == "digital_economy_share"
    )
    (problem,) = understood(tmp_path, text, indicator="digital_economy_shar").problems
    assert problem.cure.startswith("Did you mean 'digital_economy_share'?")


def test_several_indicators_are_matched_by_title_or_by_answer(tmp_path):
    titles = open_package().tables["indicators"].set_index("id")["title_vi"]
    text = f"Chỉ tiêu;Tỉnh;2020\n{titles['digital_economy_share']};Huế;5\nDân số của tôi;Huế;7\n"
    refused = understand(written(tmp_path, text))
    assert [(p.row, p.value) for p in refused.problems] == [(3, "Dân số của tôi")]
    known = understand(written(tmp_path, text), indicator={"Dân số của tôi": "villages_total"})
    assert known.table["indicator"].tolist() == ["digital_economy_share", "villages_total"]


def test_area_and_period_can_be_answered(tmp_path):
    titles = open_package().tables["indicators"].set_index("id")["title_vi"]
    text = f"Chỉ tiêu;Giá trị\n{titles['digital_economy_share']};5\n"
    assert set(understand(written(tmp_path, text)).questions) == {"area", "period", "definition", "source"}
    preview = understand(written(tmp_path, text), area="Quảng Ninh", period="2021")
    assert preview.table[["area", "period", "value"]].values.tolist() == [["quang-ninh", "2021", 5]]


def test_a_new_indicator_and_definition_travel_in_the_package(tmp_path, monkeypatch):
    mine = replace(measure("My share"), pillar="context", licence="not stated")
    definition = {"id": "mine", "agency": "Sở", "name_vi": "Của tôi", "name_en": "Mine", "method": "survey"}
    target = package(tmp_path, indicator=mine, definition=definition)
    monkeypatch.setenv("DX_DATA", str(target))
    tables = open_package().tables
    assert (tables["indicators"]["id"] == "my_share").sum() == 1
    assert tables["definitions"].set_index("indicator").loc["my_share", "method"] == "survey"


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    tmp_path.joinpath("locked").mkdir(mode=0o500)
    with pytest.raises(PermissionError, match="locked"):
        import_file(written(tmp_path, WIDE), tmp_path / "locked" / "mine", definition="mic", source=SOURCE)


def test_control_and_formula_texts_in_names_cannot_reach_a_package(tmp_path):
    text = "Tỉnh;Năm;Giá trị;Ghi chú\nQuảng Ninh;2020;5;=HYPERLINK(1)\n"
    target = package(tmp_path, text, indicator="digital_economy_share")
    rows = pd.read_csv(target / "observations.csv", dtype="str", keep_default_na=False)
    assert rows["note"].tolist() == ["=HYPERLINK(1)"]  # data keep their text; exports make it harmless


def test_a_bilingual_yearbook_table_with_regions_is_understood(tmp_path):
    text = """Bảng 3. Tỷ trọng kinh tế số - Share of digital economy
;;;Đơn vị tính: %
Tỉnh, thành phố - Province;2020;2021;Sơ bộ - Prel. 2022
CẢ NƯỚC - WHOLE COUNTRY;12,7;12,9;12,8
Đồng bằng sông Hồng - Red River Delta;15,1;15,2;15,3
Hà Nội;11,1;11,2;11,3(*)
Tỉnh Quảng Ninh;5,1;…;7,1
(*) Số ước tính
"""
    preview = understand(written(tmp_path, text))
    assert (preview.problems, set(preview.questions)) == ((), {"definition", "source"})
    assert preview.table["area"].unique().tolist() == ["viet-nam", "ha-noi", "quang-ninh"]
    assert preview.table.loc[preview.table["period"] == "2022", "status"].unique().tolist() == ["preliminary"]
    note = "3 figures of regions left out, which the catalogue does not hold: Đồng bằng sông Hồng - Red River Delta."
    assert note in preview.understood


def test_very_many_faults_are_counted_not_listed(tmp_path):
    names = "\n".join(f"Xã {i};5;6" for i in range(200))
    problems = understood(tmp_path, f"Tỉnh;2020;2021\nQuảng Ninh;1;2\n{names}\n").problems
    assert len(problems) == 51 and problems[-1].message == "150 more names are no area."
    again = "\n".join("Quảng Ninh;5;6" for _ in range(200))
    problems = understood(tmp_path, f"Tỉnh;2020;2021\nQuảng Ninh;1;2\n{again}\n").problems
    assert len(problems) == 51 and problems[-1].message == "350 more figures repeat another."


def test_a_known_source_is_named_by_its_id(tmp_path):
    target = package(tmp_path, source="founding-article")
    assert left_in(target) == ["datapackage.json", "observations.csv"]
    rows = pd.read_csv(target / "observations.csv")
    assert rows[["source", "vintage", "status"]].values.tolist()[0] == ["founding-article", "2023-10-02", "reported"]


@pytest.mark.parametrize(("phase", "said"), [("reading", "nothing was written"), ("writing", "stopped while writing")])
def test_ctrl_c_tells_the_truth_about_what_was_kept(tmp_path, phase, said):
    line = "digital_economy_share,{},{}-{:02}-{:02},{},gso,founding-article\n"
    days = [(area, year, month, day, 5 + day / 10) for area in ("ha-noi", "hue", "da-nang", "can-tho")
            for year in range(1950, 2022) for month in range(1, 13) for day in range(1, 29)]
    rows = "".join(line.format(*day) for day in days)
    path = written(tmp_path, "indicator,area,period,value,definition,source\n" + rows, "large.csv")
    command = [sys.executable, "-m", "dxanalysis", "data", "import", str(path), "--to", str(tmp_path / "mine")]
    told = []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        for heard in run.stderr:  # it says that it is at work once it has taken longer than two seconds
            told.append(heard)
            if f"dx: {phase} " in heard:
                run.send_signal(signal.SIGINT)
                break
        told += run.stderr.readlines()
        code = run.wait(timeout=120)
    if code == 0:
        pytest.skip(f"this machine was through with {phase} before it could be stopped")
    assert code == 130 and said in "".join(told), told
    kept = "the package is whole" in told[-1]
    assert (tmp_path / "mine").exists() == kept and left_in(tmp_path) == ["large.csv", *(["mine"] if kept else [])]
