"""Folders for the sockets of kernels."""

import os
import subprocess
import sys

import pytest

from dxanalysis.batch import processes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Unix sockets")


def test_a_folder_is_there_for_a_kernel_and_gone_after_it():
    with processes.socket_folder() as folder:
        assert folder.is_dir() and len(str(folder)) < 90, "with the name of a socket it must stay under 104 bytes"
    assert not folder.exists()


def test_folders_of_dead_processes_are_swept_and_those_of_living_ones_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "base", lambda: str(tmp_path))
    code = "import sys; from dxanalysis.batch import processes as p; p.base = lambda: sys.argv[1]; p.new_folder()"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    mine = processes.new_folder()
    (tmp_path / "k8s-config").mkdir()
    assert processes.sweep_sockets() == 1
    assert sorted(tmp_path.iterdir()) == sorted([mine, tmp_path / "k8s-config"])
