"""Write environment.yml from pyproject.toml, so that conda users get the same packages.

python3 .ci/environment.py            write it
python3 .ci/environment.py --check    exit 1 where the two differ
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "environment.yml"
EXTRAS = ("briefing", "vi", "test")
CONDA_NAMES = {"matplotlib": "matplotlib-base",  # the pip package without the Qt window system
               "zlib-ng": "python-zlib-ng"}  # fmt: skip  # conda's zlib-ng is the library in C
PIP_ONLY = ("jupyterlab-language-pack-vi-VN",)  # not among conda's packages


def conda(requirement: str) -> str:
    """Give a requirement under its conda name, quoted where YAML asks for it."""
    name = requirement.split("[")[0]
    for mark in "<>=!~ ":
        name = name.split(mark)[0]
    return f'"{CONDA_NAMES.get(name, name)}{requirement[len(name) :]}"'


def render() -> str:
    """Give the whole text of environment.yml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in EXTRAS:
        wanted += project["optional-dependencies"][extra]
    by_pip = [line for line in wanted if line.startswith(PIP_ONLY)]
    lines = [
        "# Made from pyproject.toml by .ci/environment.py; a test compares. Tried with pip only: no conda here.",
        "name: dxanalysis",
        "channels: [conda-forge]",
        "dependencies:",
        f'  - "python{project["requires-python"]}"',
        "  - pip",
        *(f"  - {line}" for line in sorted({conda(line) for line in wanted if line not in by_pip})),
        "  - pip:",
        *(f'      - "{line}"' for line in by_pip),
        "      - -e .",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] != ["--check"]:
        TARGET.write_text(render(), encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != render():
        raise SystemExit("environment.yml differs from pyproject.toml. Run: python3 .ci/environment.py")
