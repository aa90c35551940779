"""The bootstrap dx.py, the lock files and environment.yml."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import psutil
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.waiting import PATIENCE, eventually


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dx(root, tmp_path, monkeypatch) -> ModuleType:
    """The bootstrap, looking at an empty project folder with Vietnamese letters and a space."""
    module = load(root / "dx.py")
    home = tmp_path / "Tỉnh Quảng Ninh"
    home.mkdir()
    for name in (*module.LOCKS.values(), "pyproject.toml"):
        (home / name).write_bytes((root / name).read_bytes())
    monkeypatch.setattr(module, "ROOT", home)
    monkeypatch.setattr(module, "VENV", home / ".venv")
    monkeypatch.setattr(module, "STAMP", home / ".venv" / "dx-ready.json")
    monkeypatch.setattr(module, "OURS", home / ".venv" / "made-by-dx")
    return module


@pytest.fixture
def installs(dx, monkeypatch) -> list[str]:
    """Record what would be installed; the environment itself is a folder with an empty interpreter."""
    done: list[str] = []

    def fake_venv(uv):
        dx.venv_python().parent.mkdir(parents=True)
        dx.venv_python().touch()
        done.append("venv")

    monkeypatch.setattr(dx, "make_venv", fake_venv)
    monkeypatch.setattr(dx, "install_lock", done.append)
    monkeypatch.setattr(dx, "install_project", lambda: done.append("project"))
    monkeypatch.setattr(dx, "offer_warm_kernel", lambda: None)
    return done


def test_the_environment_is_made_once(dx, installs):
    dx.ensure("run")
    dx.ensure("run")
    assert installs == ["venv", "requirements.lock", "project"]


def test_tests_add_their_own_lock_to_the_same_environment(dx, installs):
    dx.ensure("run")
    dx.ensure("test")
    dx.ensure("run")
    assert installs == ["venv", "requirements.lock", "project", "requirements-test.lock", "project"]


def test_a_changed_lock_is_installed_again_without_a_new_environment(dx, installs):
    dx.ensure("run")
    with (dx.ROOT / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    dx.ensure("run")
    assert installs[3:] == ["requirements.lock", "project"]


def test_an_interrupted_set_up_is_started_anew(dx, installs, monkeypatch):
    def interrupt(lock):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dx, "install_lock", interrupt)
        with pytest.raises(KeyboardInterrupt):
            dx.ensure("run")
    assert dx.read_stamp() == {}


def test_an_installation_shows_what_was_fetched_and_then_what_is_unpacked(dx, monkeypatch, capsys):
    pip = "for at in range(40):\n    print('Collecting package', at)\nprint('Installing collected packages: x')"
    dx.watch([sys.executable, "-c", pip], 45)  # five of the lock are for other systems
    assert capsys.readouterr().err.splitlines() == [
        "  [########............]  20/45 package", "  [#################...]  40/45 package",
        "  [####################]  40/40 giải nén / unpacking"]


INSTALLER = """
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("dx", {script!r})
dx = importlib.util.module_from_spec(spec)
spec.loader.exec_module(dx)
dx.ROOT = pathlib.Path({place!r})
def install(need):
    with dx.alone():
        endless = "import os, time; print('Collecting', os.getpid(), flush=True); time.sleep(600)"
        dx.watch([sys.executable, "-c", endless], 1)
dx.ensure, dx.show_progress = install, lambda seen, total, name: print(name, flush=True)
sys.exit(dx.main(["run"]))
"""


@pytest.fixture
def installing(root, tmp_path):
    """Give a set-up in the middle of an installation that never ends, and its installer's number."""
    code = INSTALLER.format(script=str(root / "dx.py"), place=str(tmp_path))
    reset = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # a suite begun by nohup ignores it
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", reset + code], **said) as running:
        installer = psutil.Process(int(running.stdout.readline()))
        yield running, installer
        for one in (running, installer):
            with suppress(psutil.NoSuchProcess):
                one.kill()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_set_up_with_its_installer(installing, number):
    running, installer = installing
    running.send_signal(number)
    assert running.wait(PATIENCE) == 1 and "Interrupted; run the command again" in running.stderr.read()
    eventually(lambda: not installer.is_running() or installer.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.skipif(os.name == "nt", reason="locks of POSIX")
def test_an_installer_that_outlives_its_set_up_keeps_the_next_one_waiting(installing, tmp_path):
    import fcntl

    running, installer = installing
    running.kill()
    running.wait(PATIENCE)
    with (tmp_path / ".dx-setup.lock").open("w") as lock:
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        installer.kill()
        fcntl.flock(lock, fcntl.LOCK_EX)


def test_an_environment_copied_from_another_folder_is_not_used(dx, installs, monkeypatch):
    dx.ensure("run")
    monkeypatch.setattr(dx, "interpreter", lambda: {"python": "3.99.0", "root": "elsewhere"})
    assert dx.read_stamp() == {}


def test_a_venv_of_somebody_elses_is_never_deleted(dx, capsys):
    (dx.VENV / "bin").mkdir(parents=True)
    with pytest.raises(SystemExit, match="1"):
        dx.make_venv(None)
    assert (dx.VENV / "bin").is_dir()
    assert "was not made by dx" in capsys.readouterr().err


def test_an_old_python_is_told_so_in_both_languages(dx, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(dx, "newer_python", lambda: None)
    with pytest.raises(SystemExit, match="1"):
        dx.require_python()
    said = capsys.readouterr().err
    assert "Cần Python 3.11 trở lên" in said
    assert "Python 3.11 or newer is needed; this is Python 3.9.2" in said


@pytest.mark.parametrize(("lines", "vietnamese", "english"), [
    (["NewConnectionError(...): Failed to establish"], "kiểm tra kết nối mạng", "check the network"),
    (["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM"], "không khớp mã băm", "does not match its hash"),
    (["error: something else"], "Cài đặt không thành công", "The installation failed"),
])
def test_a_failed_installation_says_why_in_both_languages(dx, capsys, lines, vietnamese, english):
    with pytest.raises(SystemExit, match="1"):
        dx.explain(lines)
    said = capsys.readouterr().err
    assert vietnamese in said
    assert english in said


def test_a_python_without_venv_is_told_so(dx, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="1"):
        dx.make_venv(None)
    assert "lacks the venv module" in capsys.readouterr().err


def test_commands_keep_their_files_inside_the_environment(dx):
    dx.VENV.mkdir()
    for name in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_SETTINGS_DIR", "MPLCONFIGDIR"):
        if name not in os.environ:
            assert Path(dx.environment()[name]).is_relative_to(dx.VENV)


def test_dx_test_leaves_out_the_slow_extras_unless_all_is_asked_for(dx):
    assert dx.test_command(["-k", "facts"]) == ("test", ["-m", "pytest", "-m", dx.HIDDEN_TESTS, "-k", "facts"])
    assert dx.test_command(["--all"]) == ("all", ["-m", "pytest"])


def test_dx_test_uses_the_cores_for_the_whole_suite(dx, monkeypatch):
    for cores, workers in ((2, "2"), (64, "4"), (None, "1")):
        monkeypatch.setattr(dx.os, "cpu_count", lambda cores=cores: cores)
        need, command = dx.test_command([])
        assert need == "test" and command[:4] == ["-m", "pytest", "-m", dx.HIDDEN_TESTS]
        assert command[4:] == ["-n", workers, "--dist", "loadfile"]


def test_the_bootstrap_is_readable_by_python_3_6(root):
    text = (root / "dx.py").read_text(encoding="utf-8")
    compile(text, "dx.py", "exec")
    assert not re.search(r"^\s*match |:=|from __future__", text, re.M)


def locked(root: Path, name: str) -> dict[str, list[Version]]:
    lines = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", (root / name).read_text(), re.M)
    found: dict[str, list[Version]] = {}
    for package, version in lines:
        found.setdefault(canonicalize_name(package), []).append(Version(version))
    return found


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ("briefing", "vi", "build")), ("requirements-test.lock", ("test",))]
)
def test_every_requirement_is_locked_in_its_range(root, lock, extras):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    versions = locked(root, lock)
    for requirement in map(Requirement, wanted):
        for version in versions[canonicalize_name(requirement.name)]:
            assert version in requirement.specifier, requirement


def test_the_test_lock_holds_the_very_versions_of_the_users_lock(root):
    tests = locked(root, "requirements-test.lock")
    assert {name: tests.get(name) for name in locked(root, "requirements.lock")} == locked(root, "requirements.lock")


def test_every_locked_file_has_a_hash_and_no_address(root):
    for lock in root.glob("requirements*.lock"):
        text = lock.read_text()
        assert not re.search(r"(https?|file)://|--index-url|--find-links", text)
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        assert all("--hash=sha256:" in entry for entry in entries)


def test_environment_yml_is_what_pyproject_says(root):
    made = load(root / ".ci" / "environment.py").render()
    assert (root / "environment.yml").read_text(encoding="utf-8") == made


def test_the_bootstrap_hands_commands_through(root):
    shown = subprocess.run([sys.executable, "-m", "dxanalysis", "--help"], capture_output=True, text=True, cwd=root)
    assert shown.returncode == 0
    assert "run" in shown.stdout


def test_every_dependency_has_a_reason_of_one_line(root):
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    part = text[text.index("\ndependencies = [") : text.index("\n]", text.index("\ndependencies = ["))]
    reasons = dict(re.findall(r'^ {4}"([A-Za-z0-9_-]+)[^"]*",\s*# (\S.{9,})$', part, re.MULTILINE))
    assert sorted(reasons) == sorted(re.findall(r'^ {4}"([A-Za-z0-9_-]+)', part, re.MULTILINE))
    assert len(reasons) <= 21


HEAVY = (
    "matplotlib", "seaborn", "statsmodels", "scipy", "papermill", "nbclient", "nbformat", "jupyterlab", "pandas",
    "numpy", "openpyxl", "xlsxwriter", "pptx", "docx", "yaml", "rich", "sqlite3", "zmq", "ipywidgets", "PIL",
)


@pytest.mark.parametrize("module", ["dxanalysis", "dxanalysis.cli"])
def test_importing_loads_nothing_heavy(module):
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
