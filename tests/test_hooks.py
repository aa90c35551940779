"""The hook that keeps notebooks clean before a commit."""

import json
import os
import shutil
import subprocess
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

HOOK = Path(__file__).resolve().parents[1] / ".ci" / "hooks" / "pre-commit"


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    loader = SourceFileLoader("pre_commit_hook", str(HOOK))
    module = module_from_spec(spec_from_loader("pre_commit_hook", loader))
    loader.exec_module(module)
    return module


def used(stored: str) -> str:
    """Give a stored notebook as a run and a screen would leave it."""
    notebook = nbformat.reads(stored, as_version=4)
    injected = nbformat.v4.new_code_cell("year = 2024", metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(3, injected)
    for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", text="a trace")]
        cell.metadata |= {"papermill": {"duration": 1.0}, "collapsed": False}
    notebook.metadata |= {"papermill": {"parameters": {}}, "widgets": {}}
    notebook.metadata.language_info.version = "3.13.1"
    return nbformat.writes(notebook)


def test_a_used_notebook_is_cleaned_back_to_what_was_stored(hook, root):
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        stored = path.read_text(encoding="utf-8")
        assert hook.clean(stored) == stored, path.name
        assert hook.clean(used(stored)) == stored, path.name


def test_what_was_written_by_a_person_is_kept(hook, root):
    stored = (root / "notebooks" / "10_trend.ipynb").read_text(encoding="utf-8")
    mine = stored.replace("# Which way is it moving", "# Đi về đâu", 1)
    assert hook.clean(used(mine)) == mine != stored


@pytest.fixture
def repository(tmp_path, root):
    """A repository of one notebook that uses the hook; a function that runs git in it."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environment = {name: value for name, value in environment.items() if name not in ("GIT_DIR", "GIT_WORK_TREE")}

    def git(*words: str) -> subprocess.CompletedProcess:
        named = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false"]
        return subprocess.run(["git", *named, *words], cwd=tmp_path, env=environment, capture_output=True, text=True)

    (tmp_path / ".ci" / "hooks").mkdir(parents=True)
    shutil.copy(HOOK, tmp_path / ".ci" / "hooks")
    shutil.copy(root / "notebooks" / "10_trend.ipynb", tmp_path)
    assert git("init", "-q").returncode == 0
    git("config", "core.hooksPath", ".ci/hooks")
    return git


def test_a_commit_with_outputs_is_stopped_and_goes_through_once_cleaned(repository, tmp_path):
    notebook = tmp_path / "10_trend.ipynb"
    stored = notebook.read_text(encoding="utf-8")
    notebook.write_text(used(stored), encoding="utf-8")
    repository("add", "10_trend.ipynb")
    refused = repository("commit", "-m", "x")
    assert refused.returncode == 1
    assert "10_trend.ipynb" in refused.stderr
    assert notebook.read_text(encoding="utf-8") == stored

    repository("add", "10_trend.ipynb")
    assert repository("commit", "-m", "x").returncode == 0, repository("status").stdout
    assert repository("show", "HEAD:10_trend.ipynb").stdout == stored


def test_named_files_are_cleaned_without_git(hook, tmp_path, root, capsys):
    notebook = tmp_path / "n.ipynb"
    notebook.write_text(used((root / "notebooks" / "10_trend.ipynb").read_text(encoding="utf-8")), encoding="utf-8")
    assert hook.main([str(notebook)]) == 0
    assert "cleaned" in capsys.readouterr().out
    assert hook.main([str(notebook)]) == 0
    assert "nothing to clean" in capsys.readouterr().out
    assert not any(cell.get("outputs") for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"])
