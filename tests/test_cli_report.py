"""dx report of any document, pillar, list and area: every target of it, or a sentence that says why not."""

import argparse

import pytest

from dxanalysis import cli, facts
from dxanalysis.cli import report
from dxanalysis.delivery import blocks, deck, report_document, sayings

SAMPLE = ("nq-09-nq-tu-quang-ninh-2022", "nq-52-nq-tw-2019", "qd-17-ubqgcds-2023", "kh-411-da-nang-2022")


def asked(**changes):
    parser = argparse.ArgumentParser()
    report.add_report(parser.add_subparsers())
    words = [word for name, value in changes.items() for word in (f"--{name}", value)]
    return parser.parse_args(["report", "--year", "2025", *words])


def gathered(area, **changes):
    return report.gathered(facts.find_area(area), 2025, asked(**changes))


def texts(dossier, lang):
    held = report_document.report_blocks(dossier, lang)
    return [one.text for one in held if isinstance(one, blocks.Text)]


def set_by(document):
    """Return the targets a document sets, a misprint of one page left out, by area: pairs of indicator and year."""
    table = facts.open_package().tables["targets"]
    found = {}
    for row in table[table["document"] == document].sort_values("conflict").itertuples():
        found.setdefault(row.area, set()).add((row.indicator, row.year))
    return found


def shown(dossier):
    return {(goal.indicator.id, str(row["target_year"])) for goal in dossier.goals for row in goal.rows}


def reported(document):
    for area, targets in set_by(document).items():
        dossier = gathered(area, document=document)
        assert shown(dossier) == {(indicator, str(year)) for indicator, year in targets}, (document, area)
        assert dossier.targets == sum(len(goal.rows) for goal in dossier.goals)
        for lang in ("vi", "en"):
            assert all(texts(dossier, lang))


@pytest.mark.parametrize("document", SAMPLE)
def test_every_target_of_a_document_appears(document):
    reported(document)


@pytest.mark.slow
def test_every_document_held_can_be_reported():
    for document in facts.open_package().tables["documents"]["id"]:
        if set_by(document):
            reported(document)


def test_a_target_printed_otherwise_by_one_page_is_no_second_target():
    share = next(iter(gathered("viet-nam", document="nq-52-nq-tw-2019").goals))
    assert [(row["target_year"], row["target"]) for row in share.rows] == [(2025, 20.0), (2030, 30.0)]


def test_targets_of_the_nation_held_against_a_province_are_said_to_be_the_nation_s():
    dossier = gathered("lang-son", document="749/QĐ-TTg")
    assert dossier.holder.id == "viet-nam" and dossier.targets == 23
    assert any("mục tiêu chung của Việt Nam" in one and "tỉnh Lạng Sơn" in one for one in texts(dossier, "vi"))
    assert any("held against the figures of Lạng Sơn" in one for one in texts(dossier, "en"))


def test_an_area_that_is_no_more_and_the_one_that_took_its_place_have_a_report_each():
    areas = report.standing(asked(area="Đà Nẵng"), 2025)
    assert [one.id for one in areas] == ["da-nang", "da-nang-2025"]
    old, new = (report.gathered(one, 2025, asked(area="Đà Nẵng")) for one in areas)
    assert {row["area"] for one in old.goals for row in one.rows} == {"da-nang"}
    assert any("kết thúc hoạt động ngày 30/06/2025" in one and "báo cáo riêng" in one for one in texts(old, "vi"))
    assert not any("kết thúc hoạt động ngày" in one for one in texts(new, "vi"))


def test_an_area_without_any_target_has_a_report_of_its_figures():
    dossier = gathered("bac-giang")
    assert dossier.targets == 0 and len(dossier.goals) > 5
    assert any("Chưa thu thập được mục tiêu nào của địa phương" in one for one in texts(dossier, "vi"))
    assert sayings.total(dossier, "vi").startswith(f"Tổng số: {len(dossier.goals)} chỉ tiêu; ")  # no "0 mục tiêu"
    for slide in deck.deck_slides(dossier, blocks.About("t", "en")):  # and no chart of a single dot
        for part in slide.parts:
            lines = part.plot.lines if isinstance(part, blocks.Chart) else ()
            assert not lines or sum(len(one.values) for one in lines) > 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--document", "09-NQ/TU", "--area", "Hà Nội"], "sets no target for Hà Nội that was known by then. It sets "
         "targets for: quang-ninh. Name one of these, or leave out --document"),
        (["--document", "99-XX"], "Unknown document '99-XX'"),
        (["--pillar", "xyz"], "Unknown pillar 'xyz'. List them: digital_government"),
        (["--indicators", "dti_rank,no such thing"], "Unknown indicator 'no such thing'"),
        (["--area", "Atlantis"], "Unknown area 'Atlantis'"),
        (["--area", "asean", "--pillar", "data"], "has neither a target nor a figure in this choice"),
    ],
)
def test_what_cannot_be_reported_is_said_and_leaves_no_file(options, message, tmp_path, capsys):
    assert cli.main(["report", "--year", "2025", "--out", str(tmp_path), *options]) == 2
    assert message in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_the_cure_of_a_document_of_another_area_works(tmp_path, capsys):
    options = ["--document", "09-NQ/TU", "--area", "quang-ninh", "--year", "2025", "--out", str(tmp_path)]
    assert cli.main(["report", *options]) == 0
    assert capsys.readouterr().out.count("report-nq-09-nq-tu-quang-ninh-2022-quang-ninh-2025.vi") == 2
