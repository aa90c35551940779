"""The README and its companions say what the code does."""

import re
import shlex
from pathlib import Path

import pytest

from dxanalysis import cli

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python3 dx\.py ([^#\n]+)", README, re.M)


def test_the_readme_is_short(root):
    assert len(README.splitlines()) <= 120


def test_the_readme_names_the_two_commands_first():
    assert COMMANDS[:2] == ["run      ", "test     "]


SEEN_ELSEWHERE = {"test", "lab", "explore", "serve", "briefing"}  # in files of their own and in continuous integration


@pytest.mark.parametrize("command", [c for c in COMMANDS if shlex.split(c)[0] not in SEEN_ELSEWHERE])
def test_every_command_of_the_readme_does_its_work(command, tmp_path, capsys):
    own = tmp_path / "own.csv"
    own.write_text("năm;giá trị\n2024;7,1\n", encoding="utf-8")
    words = [word.replace("FILE", str(tmp_path / "own")) for word in shlex.split(command)]
    if words[0] == "run" and "--dry-run" not in words:
        words.append("--dry-run")  # the runs themselves are executed by test_notebooks.py and by continuous integration
    if words[0] in {"run", "status"}:
        words += ["--out", str(tmp_path)]
    assert cli.main(words) == 0
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_is_understood(command):
    words = shlex.split(command)
    if words[0] == "more":
        assert cli.main(words) == 0
    elif words[0] != "test":  # the bootstrap's own
        assert cli.parser().parse_args(words).command


def test_the_readme_names_every_command_with_every_option_it_has_and_no_other():
    table = README.partition("| for | commands and their options |")[2].partition("\n\n")[0]
    written = {}
    for call in re.findall(r"`([^`]+)`", table):
        words = [re.match(r"[^(…]*", word)[0] for word in call.split()]
        name = " ".join(word for word in words if word.islower() and word[0] != "-")
        written[name] = {word for word in words if word[0] == "-"}
    known = {}
    for one in cli._parsers(cli.parser()):
        options = {max(a.option_strings, key=len) for a in one._actions if a.option_strings and a.dest != "help"}
        known[one.prog.partition(" ")[2]] = options
    assert known.pop("") == set(re.findall("`(--version)`", README))
    known = {name: options for name, options in known.items() if name != "record"}  # its two kinds have them
    assert written == known


def test_the_code_of_the_readme_runs():
    for block in re.findall(r"```python\n(.*?)```", README, re.S):
        exec(block, {})  # noqa: S102


def test_every_link_and_picture_of_the_readme_exists(root):
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert not [t for t in targets if "://" not in t and not (root / t).exists()]


def test_every_room_of_the_map_exists(root):
    for place in re.findall(r"^\| `((?:dxanalysis|data|notebooks|tests)[^`]*)`", README, re.M):
        assert (root / place).is_dir(), place


def test_security_names_tests_that_exist(root):
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    promised = text.partition("## What is not")[0]
    rows = [line.split("|")[2] for line in promised.splitlines() if line.startswith("| ") and "| tests |" not in line]
    named = [name for row in rows for name in re.findall(r"`([\w*]+)`", row)]
    assert len(rows) > 20 and all(re.search("`[\\w*]+`", row) for row in rows), "a promise without a test"
    lost = [name for name in named if not [*root.glob(f"tests/{name}.py"), *root.glob(f"tests/{name}/test_*.py")]]
    assert lost == []


def test_the_changelog_tells_data_methods_and_code_apart(root):
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = text.split("\n## ")[1]
    assert re.findall(r"^### (\w+)", newest, re.M) == ["Data", "Methods", "Code"]


@pytest.mark.parametrize("words", [["run", "--help"], ["data", "--help"], ["lab", "--help"]])
def test_every_command_explains_itself(words, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(words)
    assert "usage: dx" in capsys.readouterr().out
