"""The notebooks: how they are written, and that each one runs on the real data and says what it may."""

import ast
import json
import re
from pathlib import Path
from statistics import median

import nbformat
import pytest

from dxanalysis import batch, facts
from dxanalysis.cli import run, site

from .benchmarks import notebook_style
from .notebook_sweep import Question, faults_of, questions, tasks_of

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
SUITE = [path for path in NOTEBOOKS if re.match(r"\d\d_", path.name)]
TAGS = {"parameters", "setup", "findings", "export"}
# 10_trend calls nothing that 30_attainment does not; the others are seen in the sample.
ANALYSES = [path for path in SUITE if path.stem[:2] in {"20", "30", "40", "60", "70", "80"}]
SAMPLED = 12
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.Try, ast.With)
TYPED_NUMBER = re.compile(r"\b(?:19|20)\d\d\b|\b\d+[.,]\d+\b")


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def lines(cell: nbformat.NotebookNode) -> int:
    return len([line for line in cell.source.splitlines() if line.strip()])


def code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def prose(path: Path) -> list[str]:
    return [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]


each_notebook = pytest.mark.parametrize("path", SUITE, ids=lambda path: path.stem)


@each_notebook
def test_it_has_fifteen_to_thirty_cells(path):
    assert 15 <= len(read(path).cells) <= 30


@each_notebook
def test_code_cells_are_short(path):
    lengths = [lines(cell) for cell in code(path)]
    assert median(lengths) <= 3
    assert max(lengths) <= 10


@each_notebook
def test_prose_outweighs_code(path):
    words = sum(len(text.split()) for text in prose(path))
    assert words >= 6 * sum(lines(cell) for cell in code(path))


def test_the_table_of_styles_counts_words_lines_and_cells(tmp_path):
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_markdown_cell("Six words stand here, in 2024.")]
    made.cells += [nbformat.v4.new_code_cell(source) for source in ("a = 1\n\n# why\nb = 2", "c")]
    nbformat.write(made, tmp_path / "one.ipynb")
    counted = notebook_style.style(tmp_path / "one.ipynb")
    assert counted == notebook_style.Style("one", 3, 2, 2.0, 1.5, 2, 2, 1)


@each_notebook
def test_there_are_at_most_two_code_cells_in_a_row(path):
    kinds = "".join("c" if cell.cell_type == "code" else "m" for cell in read(path).cells)
    assert "ccc" not in kinds


@each_notebook
def test_tables_and_charts_are_followed_by_a_sentence_on_how_to_read_them(path):
    cells = read(path).cells
    shown = [
        i
        for i, cell in enumerate(cells)
        if cell.cell_type == "code" and re.search(r"report\.(table|chart)", cell.source)
    ]
    assert shown
    for i in shown:
        after = cells[i + 1 : i + 3]
        assert any(cell.cell_type == "markdown" and len(cell.source.split()) >= 8 for cell in after), cells[i].source


@each_notebook
def test_no_year_and_no_decimal_number_is_typed_in_prose(path):
    assert not [found for text in prose(path) for found in TYPED_NUMBER.findall(text)]


@each_notebook
def test_it_carries_each_tag_once_and_no_other(path):
    tags = [tag for cell in read(path).cells for tag in cell.metadata.get("tags", [])]
    assert sorted(tags) == sorted(TAGS)


@each_notebook
def test_it_defines_nothing_and_repeats_nothing(path):
    found = [
        type(node).__name__
        for cell in code(path)
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, FORBIDDEN)
    ]
    assert not found


@each_notebook
def test_imports_stand_in_the_setup_cell_only(path):
    for cell in code(path):
        imports = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not imports or "setup" in cell.metadata.get("tags", [])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs_and_without_traces_of_a_run(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert "papermill" not in notebook.metadata
    for cell in notebook.cells:
        assert "injected-parameters" not in cell.metadata.get("tags", [])
        assert "papermill" not in cell.metadata
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_code_uses_every_name_it_imports(path):
    names = {
        alias.asname or alias.name
        for cell in code(path)
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    used = {node.id for cell in code(path) for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)}
    assert names <= used


# ---------------------------------------------------------------- executed on the real data

CORNERS = [
    {"area": "quang-ninh", "year": "2021"},  # one self-assessed figure
    {"area": "quang-ninh", "year": "2024"},  # two figures with a break between them
    {"area": "viet-nam", "year": "2023"},
    {"area": "viet-nam", "year": "2025"},
]


@pytest.fixture(scope="session")
def executed(tmp_path_factory) -> Path:
    """Execute every notebook for every corner, once for all tests below; give the output folder."""
    out = tmp_path_factory.mktemp("executed")
    matrix = batch.Matrix(tuple(str(path) for path in SUITE), runs=tuple(CORNERS))
    result = batch.run(batch.plan([matrix], out=out, template=run.TEMPLATE), jobs=2)
    site.write_index(out)
    assert result.exit_code == 0, str(result)
    return out


def runs(out: Path) -> list[Path]:
    return sorted(path.parent for path in out.glob("*/*/*/run.json"))


def outputs(notebook: Path) -> list[nbformat.NotebookNode]:
    return [output for cell in code(notebook) for output in cell.outputs]


@pytest.mark.notebook
def test_every_notebook_leaves_its_results_for_every_corner(executed):
    assert len(runs(executed)) == len(SUITE) * len(CORNERS)
    for folder in runs(executed):
        names = {path.name for path in folder.rglob("*")}
        assert {"run.json", "facts.json"} <= names
        assert any(name.endswith(".ipynb") for name in names)


@pytest.mark.notebook
def test_no_executed_notebook_warns_or_names_this_machine(executed, root):
    for folder in runs(executed):
        notebook = next(folder.glob("*.ipynb"))
        assert not [o for o in outputs(notebook) if o.get("name") == "stderr"], notebook
        text = notebook.read_text(encoding="utf-8")
        assert str(root) not in text
        assert str(executed) not in text


@pytest.mark.notebook
def test_every_chart_comes_in_both_languages_and_three_formats(executed):
    for folder in runs(executed):
        pictures = (path.name for path in folder.rglob("*") if path.suffix in {".png", ".svg", ".pdf"})
        papers = ("briefing.", f"{folder.parents[1].name}-")  # the note of one's own data
        charts = {name for name in pictures if not name.startswith(papers)}
        stems = {re.sub(r"[._-](vi|en)\.(png|svg|pdf)$", "", name) for name in charts}
        assert len(charts) == 6 * len(stems), sorted(charts)


@pytest.mark.notebook
def test_every_sentence_exists_in_both_languages(executed):
    for folder in runs(executed):
        findings = json.loads((folder / "facts.json").read_text(encoding="utf-8"))["findings"]
        assert findings
        assert all(finding["vi"].strip() and finding["en"].strip() for finding in findings)


# ---------------------------------------------------------------- any area, indicator and year, in this process

AWKWARD = {
    "nothing published yet": Question("quang-ninh", "digital_economy_share", 2021, as_of="year-end"),
    "one figure": Question("hai-phong", "digital_economy_share", 2023, lang="en"),
    "two figures": Question("ha-noi", "digital_economy_share", 2025),
    "a break": Question("quang-ninh", "digital_economy_share", 2025),
    "two definitions": Question("viet-nam", "digital_economy_share", 2024, definition="mic", lang="en"),
    "a target without figures": Question("viet-nam", "admin_files_fully_online_share", 2025),
    "figures without a target": Question("da-nang", "pci_rank", 2024),
    "the last target is over": Question("viet-nam", "internet_users_share", 2030, lang="en"),
    "already met": Question("bac-ninh-2025", "digital_economy_share", 2025),
    "a merged area, lower is better": Question("hai-phong-2025", "dti_rank", 2025),
}
SEEN = {  # rows of the history, rows of the targets, what else makes it the corner it is named for
    "nothing published yet": (0, 0, lambda h, t, q: True),
    "one figure": (1, 1, lambda h, t, q: True),
    "two figures": (2, 2, lambda h, t, q: True),
    "a break": (2, 2, lambda h, t, q: (h["break_before"] != "").any()),
    "two definitions": (None, 3, lambda h, t, q: len(facts.load_each_definition(q.indicator, q.area)) > 1),
    "a target without figures": (0, None, lambda h, t, q: len(t) > 0),
    "figures without a target": (None, 0, lambda h, t, q: len(h) > 0),
    "the last target is over": (None, None, lambda h, t, q: t["year"].max() < q.year),
    "already met": (1, 1, lambda h, t, q: h["value"].iloc[-1] > t["value"].iloc[-1]),
    "a merged area, lower is better": (None, None, lambda h, t, q: len(h) > 0 and q.area.endswith("-2025")),
}


@pytest.mark.parametrize("corner", AWKWARD)
def test_each_corner_is_what_it_is_called(corner):
    asked, (rows, aims, more) = AWKWARD[corner], SEEN[corner]
    day = facts.as_of_date(asked.as_of, asked.year)
    history = facts.load_history(asked.indicator, asked.area, asked.definition, as_of=day, through=asked.year)
    targets = facts.load_targets(asked.indicator, asked.area, as_of=day)
    assert rows in (None, len(history))
    assert aims in (None, len(targets))
    assert more(history, targets, asked)


@pytest.mark.notebook
@pytest.mark.parametrize("corner", AWKWARD)
def test_every_analysis_runs_in_every_awkward_corner(corner):
    assert not [fault for path in ANALYSES for fault in faults_of(path, AWKWARD[corner])]


@pytest.mark.notebook
def test_a_sample_of_all_areas_indicators_and_years_runs():
    sample = tasks_of(questions(), SUITE)[:SAMPLED]
    assert len({one.area for _, one in sample}) > SAMPLED / 3
    assert not [fault for path, one in sample for fault in faults_of(path, one)]


@pytest.mark.notebook
def test_a_notebook_that_fails_or_says_nothing_is_found(tmp_path):
    cells = {"fails": "1 / 0", "warns": "import warnings; warnings.warn('x')"}
    for name, source in cells.items():
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        nbformat.write(made, tmp_path / f"{name}.ipynb")
        assert faults_of(tmp_path / f"{name}.ipynb", AWKWARD["one figure"])
    silent = read(NOTEBOOKS[0])
    silent.cells = [cell for cell in silent.cells if "findings" not in cell.metadata.get("tags", [])]
    nbformat.write(silent, tmp_path / "silent.ipynb")
    assert "no sentence at all" in faults_of(tmp_path / "silent.ipynb", AWKWARD["one figure"])[0]
