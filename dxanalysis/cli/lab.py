"""The commands that open a browser: dx lab (JupyterLab) and dx explore (the explorer as a page without code)."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .common import NOTEBOOKS, ROOT

EXPLORER = NOTEBOOKS / "05_explore.ipynb"
HERE = "127.0.0.1"  # nobody else on the network sees these pages
TEMPLATES = Path(__file__).with_name("jupyter")
# What the page of the explorer may load: itself. Widgets need inline styles, and their manager compiles templates.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
# Voila switches the check of the Host header off, which lets a page elsewhere reach it by a name of its own.
SERVER = {
    "allow_remote_access": False,
    "headers": {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    },
}
LAB_OPTIONS = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.default_url=/lab/tree/README.md",
    "--ContentsManager.allow_hidden=True",  # the README's pictures stand in a dot folder
    "--ServerApp.identity_provider_class=dxanalysis.cli.identity.SameOrigin",
)
# Settings a researcher starts with; a file that exists is the researcher's own and stays as it is.
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
}
# Folders that Jupyter would otherwise make in the user's home; dx.py names the same ones.
FOLDERS = {
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "jupyter/config",
    "JUPYTER_DATA_DIR": "jupyter/data",
    "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
    "JUPYTERLAB_SETTINGS_DIR": "jupyter/settings",
    "JUPYTERLAB_WORKSPACES_DIR": "jupyter/workspaces",
    "MPLCONFIGDIR": "matplotlib",
    "npm_config_cache": "npm",  # a JupyterLab extension asks npm, where there is one, which keeps a log
}


def add_lab(commands: Any) -> None:
    """Describe `dx lab` and `dx explore`."""
    lab = commands.add_parser("lab", help="open JupyterLab; further options go to it")
    lab.add_argument("options", nargs=argparse.REMAINDER, help="such as --no-browser")
    lab.set_defaults(command=lab_command)
    explore = commands.add_parser("explore", help="open the explorer as a page without code, on this machine only")
    explore.add_argument("options", nargs=argparse.REMAINDER, help="options of voila, such as --no-browser")
    explore.set_defaults(command=explore_command)


def passed_on(arguments: Sequence[str]) -> list[str]:
    """Mark the options behind `lab` and `explore` as not ours, so that they reach Jupyter.

    >>> passed_on(["lab", "--no-browser"]), passed_on(["lab", "--help"]), passed_on(["run", "--dry-run"])
    (['lab', '--', '--no-browser'], ['lab', '--help'], ['run', '--dry-run'])
    """
    words = list(arguments)
    ours = words[:1] not in (["lab"], ["explore"]) or words[1:2] in ([], ["-h"], ["--help"], ["--"])
    return words if ours else [words[0], "--", *words[1:]]


def lab_command(options: argparse.Namespace) -> int:
    """Open JupyterLab on the README, with the kernel and all settings inside the environment."""
    environment = private()
    write_settings(Path(environment["JUPYTERLAB_SETTINGS_DIR"]))
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}", *LAB_OPTIONS]
    return take_over([*command, *without_mark(options.options)], environment)


def explore_command(options: argparse.Namespace) -> int:
    """Serve 05_explore without code to this machine; the files of its report go to a folder of the environment."""
    environment = private()
    environment.setdefault("NOTEBOOK_RUN_DIR", str(folder("explore")))
    environment["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(TEMPLATES), environment.get("JUPYTER_PATH")]))
    command = [sys.executable, "-m", "voila", str(EXPLORER), *page_options()]
    return take_over([*command, *without_mark(options.options)], environment)


def page_options() -> list[str]:
    """Give the options of voila: this machine only, our own page, no file beside it, and the guards of the server."""
    configuration = {"theme": "light", "template": "dx", "file_allowlist": "[]"}
    chosen = [f"--VoilaConfiguration.{name}={value}" for name, value in configuration.items()]
    return [f"--Voila.ip={HERE}", f"--Voila.tornado_settings={SERVER!r}", *chosen]


def private() -> dict[str, str]:
    """Give the environment in which Jupyter writes nothing into the user's home."""
    return {**{name: str(folder(place)) for name, place in FOLDERS.items()}, **os.environ}


def folder(place: str) -> Path:
    """Make and give a folder inside the Python environment."""
    made = Path(sys.prefix) / "var" / place
    made.mkdir(parents=True, exist_ok=True)
    if os.name == "posix" and made.stat().st_uid == os.getuid():
        made.chmod(0o700)  # the token and keys of kernels lie here; folders that older versions left open are closed
    return made


def take_over(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a server in place of this process, so that a signal ends both; where that cannot be, as its child."""
    if os.name != "posix":
        return subprocess.call(command, env=environment)  # noqa: S603
    sys.stdout.flush()
    os.execve(command[0], command, environment)  # noqa: S606


def write_settings(place: Path) -> None:
    """Write the settings a researcher starts with where there are none yet."""
    for name, values in SETTINGS.items():
        file = place / f"{name}.jupyterlab-settings"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), encoding="utf-8")


def without_mark(words: Sequence[str]) -> list[str]:
    """Drop the mark of `passed_on`."""
    return list(words[1:] if list(words[:1]) == ["--"] else words)
