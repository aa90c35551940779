"""What is installed has a reason and a digest; nothing heavy is loaded for nothing."""

import re
import subprocess
import sys
import tomllib

import pytest

HEAVY = (
    "matplotlib", "seaborn", "statsmodels", "scipy", "papermill", "nbclient", "nbformat", "jupyterlab", "pandas",
    "numpy", "openpyxl", "xlsxwriter", "pptx", "docx", "yaml", "rich", "sqlite3", "zmq", "ipywidgets", "PIL",
)


@pytest.fixture(scope="module")
def project(root):
    """Give the description of the project."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


# ---------------------------------------------------------------- dependencies and imports
def test_every_dependency_has_a_reason_of_one_line(root):
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    part = text[text.index("\ndependencies = [") : text.index("\n]", text.index("\ndependencies = ["))]
    reasons = dict(re.findall(r'^ {4}"([A-Za-z0-9_-]+)[^"]*",\s*# (\S.{9,})$', part, re.MULTILINE))
    assert sorted(reasons) == sorted(re.findall(r'^ {4}"([A-Za-z0-9_-]+)', part, re.MULTILINE))
    assert len(reasons) <= 21


def test_every_dependency_is_locked_with_the_digest_of_each_file(root, project):
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.split(r"^(?=[A-Za-z0-9][\w.-]*==)", text, flags=re.MULTILINE)
    found = {normal(one.split("==")[0]): one.count("--hash=sha256:") for one in pinned[1:]}
    assert {normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in project["dependencies"]} <= set(found)
    assert all(found.values())


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("module", ["dxanalysis", "dxanalysis.cli"])
def test_importing_loads_nothing_heavy(module):
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
