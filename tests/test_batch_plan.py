"""What must run, where it goes and why."""

import pytest

from dxanalysis import batch
from dxanalysis.batch.errors import CollisionError, ParameterError
from dxanalysis.batch.manifest import Manifest
from dxanalysis.batch.sources import names_lead_to
from tests.batch_support import write


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def remember(planned, out, status="done", **values):
    """Write a run into the manifest as the runner would, and its result beside it."""
    with Manifest(out) as manifest:
        row = {"batch": "b", "notebook": "n", "parameters": planned.parameters, "attempt": 1, "reason": "never run"}
        row |= {"digest": planned.digest, "parts": planned.parts, "inputs": planned.inputs}
        number = manifest.claim(planned.output, row)
        if status != "running":
            opened = {"files": {}, "unknown": "", "names": names_lead_to(planned.notebook, ())}
            manifest.finish(number, status=status, **{"opened": opened} | values)
    folder = out / planned.output
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{planned.notebook.name}.ipynb").write_text("{}")


def test_everything_runs_the_first_time(tmp_path, out):
    plan = batch.plan(write(tmp_path / "n.ipynb"), {"year": "2021-2022"}, out=out, template="{year}/{notebook}")
    assert [(r["output"], r["reason"], r["due"]) for r in plan.rows()] == [
        ("2021/n", "never run", True),
        ("2022/n", "never run", True),
    ]
    assert str(plan).endswith("2 of 2 runs to do (2 never run)")
    assert not out.exists(), "a plan alone leaves nothing behind"


def reason(path, out, **options):
    return batch.plan(path, out=out, **options).runs[0].reason


def test_the_reason_names_what_changed(tmp_path, out):
    data, code = tmp_path / "data.csv", tmp_path / "helper_of_the_plan.py"
    data.write_text("1")
    code.write_text("x = 1")
    path = write(tmp_path / "n.ipynb", "import helper_of_the_plan", batch={"inputs": ["data.csv"]})
    remember(batch.plan(path, out=out).runs[0], out)
    assert reason(path, out) == "up to date"
    assert reason(path, out, extra="another tool") == "environment changed"
    data.write_text("two")
    assert reason(path, out) == "data changed"
    data.write_text("1")
    code.write_text("x = 22")
    assert reason(path, out) == "up to date", "the run has not imported it: only the plan thought that it might"
    remember(batch.plan(path, out=out).runs[0], out, opened={})
    assert reason(path, out) == "cannot tell: it has not said what it opened"
    code.write_text("x = 1")
    assert reason(path, out) == "code changed"
    write(path, "import helper_of_the_plan", "y = 2", batch={"inputs": ["data.csv"]})
    assert reason(path, out) == "notebook changed"


def test_what_cannot_be_followed_is_a_reason_to_run_again(tmp_path, out):
    path = write(tmp_path / "n.ipynb", "x = !ls")
    remember(batch.plan(path, out=out).runs[0], out)
    assert reason(path, out) == "cannot tell: it runs a shell command, whose inputs are not seen (code cell 2)"
    write(path, "x = !ls", batch={"code": []})  # the author has said what counts as code
    remember(batch.plan(path, out=out).runs[0], out)
    assert reason(path, out) == "up to date"


def test_only_the_tables_a_run_reads_count(tmp_path, out):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("1")
    path = write(tmp_path / "n.ipynb")
    options = {"out": out, "template": "{area}", "inputs": lambda notebook, run: [f"{run['area']}.csv"]}
    for planned in batch.plan(path, {"area": ["a", "b"]}, **options).runs:
        remember(planned, out)
    (tmp_path / "b.csv").write_text("22")
    assert [r.reason for r in batch.plan(path, {"area": ["a", "b"]}, **options).runs] == ["up to date", "data changed"]


@pytest.mark.parametrize(("status", "said", "only_failed", "resume"), [
    ("failed", "failed last time", True, False),
    ("interrupted", "interrupted last time", True, True),
    ("lost", "runner died last time", True, True),
    ("done", "up to date", False, False),
])
def test_what_happened_last_time_decides(tmp_path, out, status, said, only_failed, resume):
    path = write(tmp_path / "n.ipynb")
    remember(batch.plan(path, out=out).runs[0], out, status)
    assert reason(path, out) == said
    assert bool(batch.plan(path, out=out, only_failed=True).due) == only_failed
    assert bool(batch.plan(path, out=out, resume=True).due) == resume
    assert batch.plan(path, out=out, force=True).due


def test_a_result_that_was_deleted_is_made_again(tmp_path, out):
    path = write(tmp_path / "n.ipynb")
    remember(batch.plan(path, out=out).runs[0], out)
    (out / "n" / "n.ipynb").unlink()
    assert reason(path, out) == "result missing"


def test_a_run_of_another_living_runner_is_left_to_it(tmp_path, out):
    path = write(tmp_path / "n.ipynb")
    remember(batch.plan(path, out=out).runs[0], out, "running")
    assert [(r.reason, r.due) for r in batch.plan(path, out=out, force=True).runs] == [("running elsewhere", False)]


@pytest.mark.parametrize(("template", "areas", "message"), [
    ("same", ["a", "b"], r"Two runs would write to 'same.*: n and n \(area='a'; area='b'\)"),
    ("{area}", ["Hà Nội", "hà nội"], "Two runs would write to"),
    ("{area}", ["e\u0323", "\u1eb9"], "Two runs would write to"),
])
def test_two_runs_in_one_folder_are_refused(tmp_path, out, template, areas, message):
    options = {"out": out, "template": lambda name, run: template if template != "same" else "same"}
    path = write(tmp_path / "n.ipynb", parameters='area = "x"')
    if template == "same":
        areas_in_name = batch.plan(path, {"area": areas}, **options)  # the suffix --area= tells them apart
        assert len(areas_in_name.runs) == 2
        options["template"] = "same"
        other = write(tmp_path / "deep" / "n.ipynb", parameters='area = "x"')
        with pytest.raises(CollisionError, match="Two runs would write to 'same': n and n"):
            batch.plan([path, other], **options)
        return
    with pytest.raises(CollisionError, match=message):
        batch.plan(path, {"area": areas}, **options)


def test_a_run_inside_the_folder_of_another_is_refused(tmp_path, out):
    one, other = write(tmp_path / "a.ipynb"), write(tmp_path / "b.ipynb")
    with pytest.raises(CollisionError, match="Two runs would write to 'x'"):
        batch.plan([one, other], out=out, template=lambda name, run: "x" if name == "a" else "x/y")


def test_a_run_that_two_matrices_share_is_planned_once(tmp_path, out):
    path = str(write(tmp_path / "n.ipynb"))
    matrices = [batch.Matrix((path,), {"year": "2021-2022"}), batch.Matrix((path,), {"year": "2022-2023"})]
    assert len(batch.plan(matrices, out=out, template="{year}").runs) == 3


def test_a_wrong_parameter_stops_the_plan(tmp_path, out):
    with pytest.raises(ParameterError, match="no parameter 'yaer'"):
        batch.plan(write(tmp_path / "n.ipynb"), {"yaer": 2021}, out=out)


def test_files_that_no_run_has_made_are_not_replaced(tmp_path):
    path = write(tmp_path / "n.ipynb")
    (tmp_path / "out" / "n").mkdir(parents=True)
    batch.plan(path, out=tmp_path / "out")  # an empty folder harms nobody
    (tmp_path / "out" / "n" / "thesis.txt").write_text("mine")
    with pytest.raises(CollisionError, match=r"n is there and was not made by a run of n; the result would"):
        batch.plan(path, out=tmp_path / "out")
