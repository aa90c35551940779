"""The commands: what they understand and what they say."""

import argparse
import contextlib
import errno
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from dxanalysis import cli
from dxanalysis.cli import run
from tests.tables import cases


def parse(*words: str):
    return cli.parser().parse_args(words)


def test_areas_are_matched_without_accents_case_or_form(tmp_path):
    import unicodedata

    for typed in ("quang-ninh", "quang ninh", "QUẢNG NINH", unicodedata.normalize("NFD", "Quảng Ninh")):
        (matrix,) = run.matrices(parse("run", "--areas", typed, "--years", "2025"))
        assert matrix.parameters["area"] == ["quang-ninh"]


@cases("words said", {
    "a misspelt area": ("run --dry-run --areas quang\xa0nin", "Did you mean 'quang-ninh'"),
    "a misspelt notebook": ("run --dry-run --notebooks 99_nothing", "30_attainment"),
    "a misspelt parameter": ("run --dry-run -p definitoin=gso", "Did you mean 'definition'"),
    "a year that is no number": ("run --dry-run --years soon", "soon"),
    "a parameter without a value": ("run --dry-run -p definition", "-p takes NAME=VALUE, received 'definition'"),
    "a file to import that is not there": ("data import nowhere.xlsx", "nowhere.xlsx"),
    "a file to ask about that is not there": ("where nothing.png", "nothing.png"),
    "a file that no run has made": ("where README.md", "holds no provenance"),
    "an archive of forecasts that is not there": (
        "record score digital_economy_share viet-nam --archive none.parquet", "dx record publish"),
    "serving to others": (
        "serve --out . --host 192.0.2.1", "to this machine only; received host '192.0.2.1'"),
    "a site of no folder": ("site --out none", "There is no folder"),
    "an index of no folder": ("index --out none", "There is no folder"),
    "a notebook that is not there": ("run none.ipynb", "In {here}: no notebook."),
    "a matrix that is not there": ("run --matrix none.yml", "There is no matrix file none.yml in {here}."),
    "a capsule that is not there": ("verify none.zip", "There is no file none.zip in {here}."),
    "years where areas belong": ("run --areas 2025 --dry-run", "'2025' is a year and stands where an area belongs."),
    "an area where years belong": ("assess --areas 2025 --years hue", "2022,2025; areas stand behind --areas."),
    "a name longer than a system can hold": (f"where {'d' * 5000}.png", "is longer than this system can hold"),
    "a value of thousands of characters": (f"run --dry-run --areas {'x' * 90_000}", " … "),
    "a name with a line break": ("site --out no\nne", r"no\nne"),
    "serving no folder": ("serve --out none", "There is no folder"),
})
def test_what_cannot_be_done_is_one_sentence_with_its_cure(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("mine")
    assert cli.main([word.replace("\xa0", " ") for word in words.split(" ")]) == 2
    told = capsys.readouterr().err
    assert said.format(here=tmp_path) in told and told.startswith("dx: ")
    assert "There is no folder" not in told or "dx run" in told
    assert {path.name for path in tmp_path.iterdir()} <= {"README.md", "site"}


@pytest.mark.parametrize("value", ["01", "NO", "1e5", "22:30"])
def test_texts_stay_texts(value):
    (matrix,) = run.matrices(parse("run", "--areas", "viet-nam", "-p", f"definition={value}"))
    assert matrix.parameters["definition"] == [value]


def test_a_notebook_whose_indicator_lacks_the_definition_is_left_out_and_told(capsys, tmp_path):
    words = ["run", "--definitions", "gso,preferred", "--years", "2025", "--dry-run", "--out", str(tmp_path)]
    assert cli.main(words) == 0
    shown = capsys.readouterr().out
    assert "Left out: 50_index reads dti_total, which has no definition 'gso'. Definitions: [" in shown
    assert "quang-ninh/2025/10_trend--definition=gso" in shown
    assert "quang-ninh/2025/50_index--definition=gso" not in shown
    assert "quang-ninh/2025/50_index" in shown


@pytest.mark.parametrize("more", [["--notebooks", "50_index,10_trend"], ["-p", "indicator=dti_total"]])
def test_a_definition_that_a_named_notebook_or_none_has_is_refused_before_anything_starts(capsys, tmp_path, more):
    assert cli.main(["run", "--definitions", "gso", *more, "--dry-run", "--out", str(tmp_path)]) == 2
    assert "reads dti_total, which has no definition 'gso'. Definitions: [" in capsys.readouterr().err


def test_single_combinations_of_a_matrix_file_may_name_areas_as_people_do(capsys, tmp_path):
    notebook = run.NOTEBOOKS / "10_trend"
    rows = "[{area: Quảng Ninh, year: 2024}, {area: viet-nam, year: 2023}]"
    file = tmp_path / "m.yml"
    file.write_text(f"mine:\n  notebooks: [{notebook}]\n  runs: {rows}\n", encoding="utf-8")
    assert cli.main(["run", "--matrix", str(file), "--dry-run", "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert "quang-ninh/2024/10_trend" in shown
    assert "viet-nam/2023/10_trend" in shown


@pytest.mark.parametrize("where", [
    "parameters: {area: [hue, 中国]}", "runs: [{area: '%'}]", "exclude: [{area: ' '}]", "parameters: {area: [[Ω]]}",
    "per_notebook: {10_trend: {area: [hue, '']}}", "per_notebook: {10_trend: {indicator: '~'}}",
    "per_notebook: {10_trend: {area: [[中国]]}}",
])
def test_names_are_checked_wherever_a_matrix_holds_them(capsys, tmp_path, where):
    file = tmp_path / "m.yml"
    file.write_text(f"m:\n  notebooks: [{run.NOTEBOOKS / '10_trend'}]\n  {where}\n", encoding="utf-8")
    assert cli.main(["run", "--matrix", str(file), "--dry-run", "--out", str(tmp_path / "out")]) == 2
    assert re.match(r"dx: Unknown (area|indicator) '.*\n\Z", capsys.readouterr().err)


def test_without_words_the_matrix_file_is_planned(capsys, tmp_path):
    assert cli.main(["run", "--dry-run", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "quang-ninh/2021/10_trend" in shown
    assert "viet-nam/2023/30_attainment--as_of=year-end" in shown
    assert "never run" in shown


def write_file(folder):
    path = folder / "của tôi.csv"
    path.write_text("Năm;Giá trị\n2023;7,1\n2024;8,25\n", encoding="utf-8")
    return path


def test_an_import_shows_what_it_understood_and_asks_for_the_rest(tmp_path, capsys):
    path = write_file(tmp_path)
    words = ["data", "import", str(path), "--indicator", "digital_economy_share", "--area", "Quảng Ninh"]
    assert cli.main(words) == 0
    shown = capsys.readouterr().out
    assert "8.25" in shown
    assert "--definition" in shown
    assert "--source" in shown
    assert list(tmp_path.iterdir()) == [path]


def test_an_imported_package_is_used_beside_the_shipped_one(tmp_path, capsys, monkeypatch):
    from dxanalysis import facts

    words = ["data", "import", str(write_file(tmp_path)), "--indicator", "digital_economy_share"]
    words += ["--area", "quang-ninh", "--definition", "gso", "--to", str(tmp_path / "package")]
    words += ["--source", "publisher=Sở Thông tin", "--source", "title=Báo cáo", "--source", "published=2025-02-01"]
    words += ["--source", "grade=official", "--source", "url=https://example.org/bao-cao"]
    assert cli.main(words) == 0, capsys.readouterr().err
    monkeypatch.setenv("DX_DATA", str(tmp_path / "package"))
    own = facts.load_history("digital_economy_share", "quang-ninh", "gso")
    assert own["value"].tolist() == [7.1, 8.25]
    assert facts.load_history("digital_economy_share", "viet-nam")["value"].iloc[-1] == 14.02


@pytest.mark.parametrize("name", ["chart.vi.png", "chart.vi.pn", "notes"])
def test_a_file_that_is_not_there_names_the_folder_looked_in_and_what_is_there(name, tmp_path, capsys):
    assert cli.main(["where", str(tmp_path / "no" / name)]) == 2
    assert f"in {tmp_path / 'no'}, which is no folder" in capsys.readouterr().err
    (tmp_path / "chart.vi.svg").write_text("<svg/>")
    assert cli.main(["where", str(tmp_path / name)]) == 2
    said = capsys.readouterr().err
    assert f"There is no file {name!r} in {tmp_path}." in said
    assert ("Did you mean 'chart.vi.svg'?" in said) == name.startswith("chart")


@pytest.mark.parametrize(("words", "said"), [
    ("run --area hue", "unrecognized arguments: --area. Did you mean '--areas'? All of it: dx run --help"),
    ("assess --area hue", "required: --areas, --years. Did you mean '--areas'?"),
    ("run --yaers=2025", "unrecognized arguments: --yaers=2025. Did you mean '--years'?"),
    ("data shw", "invalid choice: 'shw'. Did you mean 'show'?"),
    ("reprot", "invalid choice: 'reprot'. Did you mean 'report'? All of it: dx --help"),
])
def test_a_name_cut_short_or_misspelt_is_refused_with_what_was_meant(words, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(words.split())
    assert said in capsys.readouterr().err


def test_every_option_says_what_it_does_and_the_page_of_all_lists_it(capsys):
    assert cli.main(["more"]) == 0
    listed = capsys.readouterr().out
    for one in cli._parsers(cli.parser()):
        for action in one._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction), (one.prog, action)
            assert all(option in listed for option in action.option_strings), (one.prog, action.option_strings)


def test_exports_and_templates_are_written(tmp_path):
    assert cli.main(["data", "export", str(tmp_path / "a.csv"), "--indicator", "digital_economy_share"]) == 0
    assert cli.main(["data", "template", str(tmp_path / "t.xlsx")]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "t.xlsx"}


def test_a_page_that_no_run_has_made_is_not_replaced(capsys, tmp_path):
    (tmp_path / "index.html").write_text("mine")
    assert cli.main(["run", "--out", str(tmp_path)]) == 2
    assert "holds an index.html that no run has made" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_an_output_path_that_is_a_file_is_one_sentence(capsys, tmp_path):
    (tmp_path / "out").write_text("mine")
    assert cli.main(["run", "--notebooks", "30_attainment", "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"dx: The output folder {tmp_path / 'out'} is a file. Name a folder.\n"
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize(("command", "work"), [("run", "run.matrices"), ("index", "site.write_index")])
def test_ctrl_c_outside_the_runs_is_one_sentence(capsys, monkeypatch, tmp_path, command, work):
    def pressed(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"dxanalysis.cli.{work}", pressed)
    assert cli.main([command, "--out", str(tmp_path)]) == 130
    assert capsys.readouterr().err.startswith("dx: stopped. What was finished is kept")


def test_a_traceback_is_shown_on_request(monkeypatch, tmp_path):
    monkeypatch.setenv("DX_TRACEBACK", "1")
    with pytest.raises(FileNotFoundError, match="nothing"):
        cli.main(["where", str(tmp_path / "nothing.png")])


def test_results_may_go_under_a_url(tmp_path, capsys):
    pytest.importorskip("fsspec", reason="results under a URL need the extra: storage")
    url = f"file://{tmp_path}/results"
    words = ["run", "--notebooks", "10_trend", "--years", "2025", "--dry-run", "--out", url]
    assert cli.main(words) == 0
    assert f"never run  {url}/quang-ninh/2025/10_trend" in capsys.readouterr().out


def test_a_run_depends_on_every_table_of_the_data_and_on_nothing_beside_them(tmp_path, monkeypatch):
    (tmp_path / "reference").mkdir()
    for name in ("datapackage.json", "own.csv", "own.txt", "reference/panels.csv.gz"):
        (tmp_path / name).write_text("{}")
    monkeypatch.setenv("DX_DATA", str(tmp_path))
    found = run.data_files(SimpleNamespace(text="import dxanalysis as dx"), {})
    assert {"observations.csv", "targets.csv", "indicators.csv", "panels.csv.gz"} <= {path.name for path in found}
    own = [path for path in found if path.is_relative_to(tmp_path)]
    assert sorted(path.name for path in own) == ["datapackage.json", "own.csv", "panels.csv.gz"]


# ---------------------------------------------------------------- the door
@pytest.mark.parametrize(
    "words",
    [["run", "--out", "q\udcff"], ["data", "show", "\udce1", "viet-nam"], ["lab", "\udcff"], ["\udcff"],
     ["run", "-p", "area=\udcff", "--dry-run"]],
)
def test_an_argument_that_is_no_utf_8_is_refused_at_the_door(words, capsys):
    assert cli.main(words) == 2
    said = capsys.readouterr()
    assert re.fullmatch(r"dx: the argument b'.*\\x.*' is not UTF-8\. Write names as UTF-8 .*\n", said.err)
    assert not said.out


@pytest.mark.parametrize(
    "words",
    [["run", "--dry-run", "--notebooks", ""], ["report", "--year", "2025", "--document", " "], ["data", "show", ""],
     ["report", "--year", "2025", "--pillar="], ["report", "--indicators=\t", "--year", "2025"], ["run", "--out", ""]],
)
def test_an_option_given_as_nothing_does_not_mean_everything(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == 2
    said = capsys.readouterr()
    assert re.fullmatch(r"dx: the value of .* is empty; is a variable in it not set\? Give .*\n", said.err)
    assert not said.out and not list(tmp_path.iterdir())


def test_a_real_shell_may_pass_any_bytes(root):
    done = subprocess.run([sys.executable, "-m", "dxanalysis", "run", "--out", b"q\xff"], capture_output=True, cwd=root)
    assert (done.returncode, done.stdout, done.stderr[:22]) == (2, b"", b"dx: the argument b'q\\x")


def break_with(monkeypatch, error):
    def fails(options):
        raise error

    monkeypatch.setattr("dxanalysis.cli.data.list_data", fails)


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("No module named 'pandas.core.frame'"), AttributeError("x"), SyntaxError("x"),
              FileNotFoundError(2, "No such file", f"{sys.prefix}/lib/x.json")], ids=type,
)
def test_a_damaged_environment_is_said_with_its_cure(tmp_path, monkeypatch, capsys, error):
    with contextlib.suppress(ImportError):
        import importlib_metadata  # noqa: F401 - it then answers for the standard library, as later Pythons do
    package = tmp_path / "broken-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (package / "RECORD").write_text("broken/frame.py,sha256=x,100\nbroken/cut.py,,5\nbroken/x.pyc,,\n")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "cut.py").write_text("x")
    monkeypatch.syspath_prepend(str(tmp_path))
    break_with(monkeypatch, error)
    assert cli.main(["data", "list"]) == 2
    said = capsys.readouterr().err
    assert f"dx: the environment {sys.prefix} is damaged; missing or cut short: broken/frame.py of broken, " in said
    assert "Delete that folder and run the same command again." in said


def test_a_fault_of_ours_in_a_whole_environment_shows_its_place(monkeypatch):
    break_with(monkeypatch, AttributeError("ours"))
    with pytest.raises(AttributeError, match="ours"):
        cli.main(["data", "list"])


def test_too_few_open_files_are_said_with_their_cure(monkeypatch, capsys):
    break_with(monkeypatch, OSError(errno.EMFILE, "Too many open files"))
    assert cli.main(["data", "list"]) == 2
    assert "ulimit -n 1024" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lang", "said"), [("vi", "Đến hết năm 2024, theo dữ liệu mới nhất, Lạng Sơn"), ("en", "At the end of 2024")]
)
def test_assess_prints_each_target_and_writes_every_column(lang, said, capsys, tmp_path):
    file = tmp_path / "deep" / "assess.csv"
    asked = ["assess", "--areas", "lang-son", "--years", "2024", "--indicators", "digital_economy_share"]
    assert cli.main([*asked, "--lang", lang, "--out", str(file)]) == 0
    assert said in capsys.readouterr().out
    assert "state" in file.read_text(encoding="utf-8-sig").split("\n")[0].split(",")


@pytest.mark.parametrize(
    "words",
    [["assess", "--years", "2025", "--areas"], ["report", "--year", "2025", "--area"], ["data", "needs", "--areas"],
     ["briefing", "--year", "2025", "--areas"], ["run", "--dry-run", "--areas"]],
)
@pytest.mark.parametrize("areas", ["quang-ninh,", ",quang-ninh", "quang-ninh,,hue", "", " ", "%", "quang-ninh,中国"])
def test_every_list_of_areas_is_checked_whole_before_anything_is_done(tmp_path, monkeypatch, capsys, words, areas):
    monkeypatch.chdir(tmp_path)
    out = [] if words[0] in ("assess", "data") else ["--out", str(tmp_path / "out")]
    assert cli.main([*words, areas, *out]) == 2
    said = capsys.readouterr()
    assert re.fullmatch(r"dx: .*(is empty|empty item|Unknown area).*\n", said.err) and not list(tmp_path.iterdir())


@pytest.mark.parametrize("years", ["", "2025,", "1-999999999", "2025-2021", "soon", "²⁰²⁵", "20252026", "-2025"])
def test_years_that_are_none_are_refused(capsys, years):
    assert cli.main(["assess", "--areas", "quang-ninh", f"--years={years}"]) == 2
    assert re.search("Cannot read the years|'--years' is empty", capsys.readouterr().err)
