"""What is installed, under which terms, and what is known of it; nothing heavy is loaded for nothing."""

import json
import re
import shlex
import stat
import subprocess
import sys
import tomllib
from collections import Counter

import pytest

from dxanalysis.cli import main, supply
from dxanalysis.cli.supply import NOT_ASKED

HEAVY = (
    "matplotlib", "seaborn", "statsmodels", "scipy", "papermill", "nbclient", "nbformat", "jupyterlab", "pandas",
    "numpy", "openpyxl", "xlsxwriter", "pptx", "docx", "yaml", "rich", "sqlite3", "zmq", "ipywidgets", "PIL",
)  # fmt: skip


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
    assert len(reasons) <= 20


def test_every_dependency_is_locked_with_the_digest_of_each_file(root, project):
    found = {supply.normal(pin.name): pin for pin in supply.pins(root / "requirements.lock")}
    named = {supply.normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in project["dependencies"]}
    assert named <= set(found)
    assert not [pin.name for pin in found.values() if not pin.hashes]


@pytest.mark.parametrize("module", ["dxanalysis", "dxanalysis.cli"])
def test_importing_loads_nothing_heavy(module):
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


# ---------------------------------------------------------------- licences
@pytest.mark.parametrize(
    ("licence", "kind"),
    [("MIT", "permissive"), ("BSD-3-Clause", "permissive"), ("Apache-2.0 AND MPL-2.0", "weak copyleft"),
     ("LGPL-3.0-only", "weak copyleft"), ("GPL-3.0-only", "copyleft"), ("AGPL-3.0-only", "copyleft"), ("", "unknown"),
     ("Proprietary", "unknown"), ("GPL-2.0-or-later OR MIT", "permissive"), ("MIT AND GPL-3.0-only", "copyleft")],
)  # fmt: skip
def test_licences_fall_into_kinds(licence, kind):
    assert supply.kind_of(licence) == kind


def test_no_package_a_user_gets_is_under_terms_that_bind_our_code(root):
    kinds = Counter(row["kind"] for row in supply.licences(root / "requirements.lock"))
    assert kinds["permissive"] > 100
    assert not kinds["copyleft"] + kinds["unknown"]


def test_the_licences_are_listed_and_counted(root, capsys):
    assert main(["licences"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^pandas +\d\S* +permissive +BSD-3-Clause", shown, re.MULTILINE)
    assert re.search(r"^\d+ permissive, .*\d+ weak copyleft", shown.splitlines()[-1])


def test_a_file_that_locks_nothing_is_refused(tmp_path):
    (tmp_path / "a.lock").write_text("pandas\n")
    with pytest.raises(ValueError, match=r"a\.lock pins no package"):
        supply.pins(tmp_path / "a.lock")


# ---------------------------------------------------------------- bill of materials
def test_the_bill_of_materials_names_every_locked_file_and_is_the_same_each_time(root, tmp_path, capsys):
    assert main(["sbom", str(tmp_path / "a.cdx.json")]) == 0
    bill = json.loads((tmp_path / "a.cdx.json").read_text(encoding="utf-8"))
    pins = supply.pins(root / "requirements.lock")
    assert [(one["name"], one["version"]) for one in bill["components"]] == [(pin.name, pin.version) for pin in pins]
    assert sum(len(one["hashes"]) for one in bill["components"]) == sum(len(pin.hashes) for pin in pins)
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(set(references)) == len(references)
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert any(need.startswith("pkg:pypi/pandas@") for need in needs["pkg:generic/dxanalysis@0.1.0"])
    assert bill == supply.bill_of_materials(root / "requirements.lock")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-remote.lock"])
def test_the_bill_of_materials_is_valid_cyclonedx(root, lock):
    cyclonedx = pytest.importorskip("cyclonedx", reason="cyclonedx-python-lib is in the environment of --all only")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    bill = supply.bill_of_materials(root / lock)
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert cyclonedx and validator.validate_str(json.dumps(bill)) is None
    assert validator.validate_str(json.dumps(bill | {"components": [{"name": "x"}]})) is not None


# ---------------------------------------------------------------- known weaknesses
def pip_audit(folder, monkeypatch, answer, code=0, said=""):
    """Put a program named pip-audit on PATH that answers so."""
    program = folder / "pip-audit"
    program.write_text(
        f"#!/bin/sh\nprintf '%s\\n' {shlex.quote(answer)}\nprintf '%s\\n' {shlex.quote(said)} >&2\nexit {code}\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


CLEAN = {"name": "pandas", "version": "3.1", "vulns": []}
WEAK = {"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
SKIPPED = {"name": "y", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("found", "code", "out"),
    [([CLEAN], 0, "1 of 1 packages audited, 0 known weaknesses"), ([CLEAN, WEAK], 1, "x 1: PYSEC-1, mended in 2"),
     ([CLEAN, SKIPPED], NOT_ASKED, "1 of 2 packages audited"), ([WEAK, SKIPPED], 1, "1 of 2 packages audited")],
)  # fmt: skip
def test_an_answer_is_told_and_a_package_nobody_knows_is_not_called_clean(
    tmp_path, monkeypatch, capsys, found, code, out
):
    pip_audit(tmp_path, monkeypatch, json.dumps({"dependencies": found}), int(WEAK in found))
    assert main(["audit"]) == code
    assert out in capsys.readouterr().out


def test_without_a_network_the_audit_says_so_in_one_line(tmp_path, monkeypatch, capsys):
    pip_audit(tmp_path, monkeypatch, "", 1, "ConnectionError: no route")
    assert main(["audit"]) == NOT_ASKED
    assert capsys.readouterr().err == "Not asked: no advisory service answered (ConnectionError: no route).\n"


def test_without_pip_audit_the_audit_says_so_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["audit"]) == NOT_ASKED
    assert capsys.readouterr().err.startswith("Not asked: pip-audit is not installed")
