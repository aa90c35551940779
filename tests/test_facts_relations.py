"""The declared relations between indicators."""

import pytest

from dxanalysis.facts.package import open_package
from dxanalysis.facts.records import DataError
from dxanalysis.facts.relations import load_relations


@pytest.mark.parametrize("line", [
    "x,guess,a,b,,area,,", "x,sum,,a,,area,,", "x,fraction,a,b,,area,,", "x,sum,a,,,area,,", "x,sum,a,b,,place,,",
])
def test_an_incomplete_relation_is_refused_with_its_row(tmp_path, line):
    path = tmp_path / "relations.csv"
    path.write_text(f"relation,rule,whole,parts,constant,match,known,note\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"relations\.csv row 2: the relation 'x' is unknown or incomplete"):
        load_relations(path)


def test_other_columns_are_refused(tmp_path):
    path = tmp_path / "relations.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="has other columns"):
        load_relations(path)


def test_every_shipped_relation_names_known_indicators():
    ids = set(open_package().tables["indicators"]["id"])
    assert {name for r in load_relations() for name in (r.whole, *r.parts) if name} <= ids
