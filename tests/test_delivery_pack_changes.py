"""dx diff pairs what belongs together and writes table, text and slide whose numbers are those of the runs."""

import json

import pandas as pd
import pytest

from dxanalysis import analysis, cli, delivery, facts
from dxanalysis.briefing import labels, page
from dxanalysis.briefing.quotes import UnquotedNumber, check
from dxanalysis.delivery import changes, origin
from tests.records import agreed

pptx = pytest.importorskip("pptx", reason="python-pptx is not installed (extra 'briefing')")
GOAL = pd.DataFrame({"year": [2025], "value": [20.0]})
FIRST = {2020: 12.66, 2021: 12.87, 2022: 12.63, 2023: 12.33}
REVISED = {2020: 12.66, 2021: 12.87, 2022: 12.83, 2023: 12.87}


def leave(folder, values, day, monkeypatch, as_of="latest"):
    """Leave a run as the notebook on attainment does, without a kernel."""
    subject, place = facts.find_indicator("digital_economy_share"), facts.find_area("viet-nam")
    monkeypatch.setenv("NOTEBOOK_RUN_DIR", str(folder / "viet-nam" / "2023" / f"30_attainment--{as_of}"))
    monkeypatch.setattr(facts, "digest", lambda: day)
    report = delivery.open_report("30_attainment", indicator=subject, area=place, year=2023, as_of=as_of)
    history = pd.DataFrame({"year": list(values), "value": list(values.values()), "vintage": day})
    panel = analysis.judge(history, GOAL, subject)
    for name, table in {
        "history": history, "targets": GOAL, "panel": panel, "agreement": agreed(panel),
    }.items():
        report.table(name, table)
    report.save()
    return folder


@pytest.fixture
def both(tmp_path, monkeypatch):
    return (leave(tmp_path / "a", FIRST, "2023-12-29", monkeypatch),
            leave(tmp_path / "b", REVISED, "2025-01-06", monkeypatch))


def test_the_command_writes_table_text_and_slide_and_tells_the_cause(both, capsys):
    assert cli.main(["diff", *map(str, both)]) == 0
    said = capsys.readouterr().out
    assert "kết luận chung chuyển từ “giảm so với kỳ trước” sang “tiến triển hạn chế”" in said
    assert "Số liệu năm 2023 được điều chỉnh từ 12,33% thành 12,87%." in said
    assert "Nguyên nhân của mọi thay đổi về kết luận, khoảng cách và tốc độ cần thiết: số liệu được điều chỉnh." in said
    names = sorted(path.name for path in (both[1] / "changes").iterdir())
    assert names == ["changes.csv", *(f"changes.{lang}.{kind}" for lang in ("en", "vi") for kind in ("pptx", "txt"))]
    table = pd.read_csv(both[1] / "changes" / "changes.csv", encoding="utf-8-sig")
    assert table["percent_revision"].tolist() == pytest.approx([100] * len(table))
    assert "revision of the figures" in (both[1] / "changes" / "changes.en.txt").read_text(encoding="utf-8")


def test_the_slide_s_table_holds_the_numbers_and_the_file_its_origin(both, tmp_path):
    cli.main(["diff", *map(str, both), "--out", str(tmp_path / "c"), "--lang", "en"])
    deck = pptx.Presentation(str(tmp_path / "c" / "changes.en.pptx"))
    assert len(deck.slides) == 1
    grid = next(shape.table for shape in deck.slides[0].shapes if shape.has_table)
    cells = [[cell.text for cell in row.cells] for row in grid.rows]
    assert cells[0] == ["What", "Before", "After", "Cause"]
    assert ["Figure for 2023", "12.33%", "12.87%", "revision of the figures"] in cells
    for shape in deck.slides[0].shapes:
        assert shape.top + shape.height <= deck.slide_height
    assert origin.read(tmp_path / "c" / "changes.en.pptx")["data_digest_before"] == "2023-12-29"


def test_the_same_folders_give_the_same_bytes(both, tmp_path):
    for name in ("c", "d"):
        cli.main(["diff", *map(str, both), "--out", str(tmp_path / name)])
    for path in (tmp_path / "c").iterdir():
        assert path.read_bytes() == (tmp_path / "d" / path.name).read_bytes(), path.name


def test_nothing_moved_is_said(both, capsys):
    assert cli.main(["diff", str(both[0]), str(both[0]), "--lang", "en"]) == 0
    assert "No verdict and no number moved." in capsys.readouterr().out


def test_analyses_of_the_same_day_are_paired_and_those_without_partner_named(both, tmp_path, monkeypatch):
    leave(both[0], FIRST, "2023-12-29", monkeypatch, as_of="2023-12-31")
    leave(both[1], REVISED, "2023-12-29", monkeypatch, as_of="2023-12-31")
    matched, alone = changes.pairs(*both)
    assert sorted((one.as_of, two.as_of) for one, two in matched) == [("2023-12-31",) * 2, ("latest",) * 2]
    assert alone == []
    path = next(both[0].rglob("*latest/run.json"))
    record = json.loads(path.read_text(encoding="utf-8"))
    record["parameters"]["year"] = 2022
    path.write_text(json.dumps(record), encoding="utf-8")
    assert changes.pairs(*both)[1] == [f"viet-nam/2022/digital_economy_share: only in {both[0]}"]


def test_folders_with_nothing_in_common_are_refused(both, tmp_path, capsys):
    assert cli.main(["diff", str(tmp_path / "none"), str(both[0])]) == 2
    assert "holds no run with a history and targets" in capsys.readouterr().err


def moved(**columns):
    shares = {f"percent_{cause}": [columns.pop(cause, 0.0)] for cause in page.CAUSES}
    row = {"what": "verdict", "method": "statcan", "target_year": 2025, "figure_year": None, "before": 0.7,
           "after": 0.6, "step_before": "on_track", "step_after": "on_track", "cause": ""} | columns
    return pd.DataFrame({name: [value] for name, value in row.items()} | shares)


ABOUT = {"indicator": facts.find_indicator("digital_economy_share"), "area": facts.find_area("viet-nam")}


def test_several_causes_are_told_with_their_shares():
    said = page.changes(moved(new_data=61.8, revision=38.2), **ABOUT)
    assert said[1].vi == "Nguyên nhân: 62% do có số liệu mới, 38% do số liệu được điều chỉnh."
    three = page.changes(moved(new_data=150.0, revision=-30.0, code=-20.0), **ABOUT)
    assert three[1].en == "Causes: 150% new data, −30% revision of the figures, −20% changed code."


def test_a_number_of_the_text_that_is_not_the_table_s_is_found():
    table = moved(new_data=61.8, revision=38.2)
    said = page.changes(table, **ABOUT)
    with pytest.raises(UnquotedNumber, match="percent_new_data"):
        check(said[1], {"changes": table.assign(percent_new_data=50.0)})


def test_every_kind_of_move_has_words_in_both_languages():
    for what in ("figure", "overall", "verdict", "probability", "median"):
        row = moved(what=what, figure_year=2023, step_before="on_track", step_after="missed").assign(method="statcan")
        row = row.assign(before=None, after=None) if what == "overall" else row
        for lang in ("vi", "en"):
            assert all(page.change_rows(row, ABOUT["indicator"], lang)[0]), what
        assert page.changes(row, **ABOUT), what
    assert labels.name("cause", "code", "vi") == "chương trình tính thay đổi"
