"""Reading, parameterizing and cleaning notebooks."""

import json

import pytest

from dxanalysis.batch.errors import BatchError
from dxanalysis.batch.notebooks import cleaned, parameterized, read_notebook, source_of, write_notebook
from tests.batch_support import cell, write


def test_parameters_stand_after_their_cell_to_the_letter(tmp_path):
    notebook = read_notebook(write(tmp_path / "n.ipynb", "print(area)"))
    content = parameterized(notebook, {"area": 'Quảng "Ninh"\\n', "year": 2021})
    assert [c["id"] for c in content["cells"]] == ["parameters", "injected-parameters", "c0"]
    names = {}
    exec(source_of(content["cells"][1]), names)  # noqa: S102  (the cell is what is tested)
    assert (names["area"], names["year"]) == ('Quảng "Ninh"\\n', 2021)


def test_an_earlier_injected_cell_is_replaced(tmp_path):
    notebook = read_notebook(write(tmp_path / "n.ipynb"))
    again = read_notebook("n.ipynb", json.dumps(parameterized(notebook, {"year": 1})))
    assert [source_of(c) for c in parameterized(again, {"year": 2})["cells"]][1:] == [
        "# Parameters of this run\nyear = 2"
    ]


def test_the_digest_follows_sources_and_tags_and_not_outputs(tmp_path):
    first = read_notebook(write(tmp_path / "a.ipynb", "x = 1"))
    content = json.loads(first.text)
    content["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    content["cells"][1]["execution_count"] = 7
    content["cells"][1]["source"] = ["x = 1"]
    assert read_notebook("a.ipynb", json.dumps(content)).digest == first.digest
    content["cells"][1]["source"] = ["x = 2"]
    assert read_notebook("a.ipynb", json.dumps(content)).digest != first.digest


def test_times_and_foreign_metadata_are_gone_and_provenance_is_there(tmp_path):
    content = json.loads(write(tmp_path / "n.ipynb", "1").read_text())
    content["cells"][1]["metadata"] = {"papermill": {"start_time": "now"}, "execution": {"x": 1}, "tags": []}
    content["metadata"]["papermill"] = {"output_path": "/srv/somebody/x.ipynb"}
    clean = cleaned(content, {"notebook": "../n.ipynb", "parameters": {"year": 1}})
    assert clean["cells"][1]["metadata"] == {}
    assert clean["metadata"]["papermill"] == {"input_path": "../n.ipynb", "parameters": {"year": 1}}
    assert "somebody" not in json.dumps(clean)


def test_a_written_notebook_is_valid_and_keeps_vietnamese_readable(tmp_path):
    import nbformat

    notebook = read_notebook(write(tmp_path / "n.ipynb", "print('Tỷ trọng')"))
    write_notebook(cleaned(parameterized(notebook, {"area": "x"}), {}), tmp_path / "out.ipynb")
    nbformat.validate(nbformat.read(tmp_path / "out.ipynb", as_version=4))
    assert "Tỷ trọng" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize(("text", "message"), [
    ("{}", "is not a notebook of format 4"),
    ("no json", "is not a notebook of format 4"),
    (json.dumps({"cells": [cell("a", "x=1", ["parameters"])] * 2}), "has 2 cells tagged 'parameters'"),
])
def test_what_is_no_notebook_is_refused(text, message):
    with pytest.raises(BatchError, match=message):
        read_notebook("n.ipynb", text)


def test_a_missing_notebook_is_named_with_its_neighbours(tmp_path):
    write(tmp_path / "there.ipynb")
    with pytest.raises(BatchError, match=r"There is no notebook .*none.ipynb. In .*: there.ipynb"):
        read_notebook(tmp_path / "none.ipynb")
