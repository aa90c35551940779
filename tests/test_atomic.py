"""Files are written whole or not at all, with the rights that the user's umask leaves."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from dxanalysis.atomic import kept, writing
from dxanalysis.delivery import capsule, files
from dxanalysis.facts import exporting
from dxanalysis.facts.understand.packing import new_folder
from dxanalysis.forecasting.scoring import archive

TABLE = pd.DataFrame({"year": [2025], "value": [7.1]})
FORECAST = pd.DataFrame({name: ["x"] for name in ("indicator", "definition", "area", "model")})
FORECAST = FORECAST.assign(origin=2024, year=2025, quantile=0.5, value=7.1)


def folder_of(path):
    with new_folder(path, "package") as folder:
        (folder / "a.csv").write_text("a")


WRITERS = {
    "text.txt": lambda path: files.write_text(path, "a"),
    "facts.json": lambda path: files.write_json(path, {"a": 1}),
    "table.csv": lambda path: files.write_csv(path, TABLE),
    "export.csv": lambda path: exporting.write(TABLE, path),
    "export.xlsx": lambda path: exporting.write(TABLE, path),
    "export.parquet": lambda path: exporting.write(TABLE, path),
    "archive.csv": lambda path: archive(FORECAST, path),
    "capsule.zip": lambda path: capsule.write_capsule(path, {"a": b"a"}, {}),
    "package": folder_of,
}


@pytest.fixture(params=[0o022, 0o077, 0o027])
def umask(request):
    """What the user takes from the rights of every new file."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
@pytest.mark.parametrize("name", WRITERS)
def test_every_file_we_write_has_the_rights_that_the_umask_leaves(tmp_path, umask, name):
    path = tmp_path / name
    for _ in range(1 if name == "package" else 2):  # new, and in the place of another
        WRITERS[name](path)
        rights = 0o777 if path.is_dir() else 0o666
        assert oct(stat.S_IMODE(path.stat().st_mode)) == oct(rights & ~umask)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_write_that_fails_leaves_what_stood_there_and_nothing_else(tmp_path):
    path = files.write_text(tmp_path / "a.txt", "before")
    with pytest.raises(RuntimeError), writing(path) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.txt", "before")]


def test_a_link_is_replaced_and_what_it_leads_to_is_kept(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "a.txt").symlink_to(tmp_path / "mine")
    files.write_text(tmp_path / "a.txt", "ours")
    assert (tmp_path / "mine").read_text() == "mine" and not (tmp_path / "a.txt").is_symlink()


def test_two_writers_of_one_file_leave_one_whole_file(tmp_path):
    code = "import sys; from pathlib import Path; from dxanalysis.delivery.files import write_text\n"
    code += "for _ in range(200): write_text(Path(sys.argv[1]), sys.argv[2] * 9999)"
    root = Path(__file__).resolve().parents[1]
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "a"), word], cwd=root) for word in "ab"]
    assert [one.wait() for one in both] == [0, 0]
    assert (tmp_path / "a").read_text() in ("a" * 9999, "b" * 9999) and len(list(tmp_path.iterdir())) == 1


def test_what_is_kept_is_made_anew_where_it_is_damaged_and_old_states_go(tmp_path):
    made = []

    def answer():
        made.append(1)
        return {"value": 7.1, "rows": [1, None]}

    for state in "abcdef":
        assert kept(tmp_path / state, "q", answer) == kept(tmp_path / state, "q", answer) == {
            "value": 7.1, "rows": (1, None)
        }
    assert len([one for one in tmp_path.iterdir() if one.is_dir()]) == 4 and len(made) == 6
    assert (tmp_path / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    file = next((tmp_path / "f").iterdir())
    file.write_bytes(file.read_bytes().replace(b"7.1", b"9.9"))
    assert kept(tmp_path / "f", "q", answer)["value"] == 7.1 and len(made) == 7
    (tmp_path / "closed").write_text("a file where the folder should be")
    assert kept(tmp_path / "closed" / "state", "q", answer)["value"] == 7.1
