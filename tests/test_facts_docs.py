"""The page data/README.md, written from the tables."""

from maintain.data_readme import readme, series_lengths


def test_the_page_lists_every_pillar_the_grades_and_the_known_faults():
    text = readme()
    for heading in ("Digital government", "Digital economy", "Digital society", "Data", "Context"):
        assert f"### {heading}\n" in text
    assert "| official | page of a public body |" in text
    assert "another copy of the release prints 12.87" in text and "## What was left out, and why" in text


def test_the_page_names_indicator_years_areas_definitions_and_targets():
    line = next(line for line in readme().splitlines() if line.startswith("| `digital_economy_share` "))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1:4] == ["Tỷ trọng kinh tế số trong GDP/GRDP", "Digital economy share of GDP/GRDP", "2020-2025"]
    assert cells[-1] == "`gso mic ptit province other`" and int(cells[5]) > 60 and int(cells[6]) > 60


def test_series_are_counted_once_by_their_annual_points():
    lengths = series_lengths()
    assert lengths.index.tolist() == ["1", "2-3", "4-5", "6-9", "10+"]
    assert lengths["1"] > lengths["2-3"] > lengths["4-5"] > lengths["6-9"]
