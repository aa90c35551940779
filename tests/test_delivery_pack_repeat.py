"""dx repeat rebuilds what this project made, byte for byte, and carries out nothing that a stranger wrote."""

import hashlib
import shutil

import pytest

from dxanalysis import cli, facts
from dxanalysis.atomic import digest_of
from dxanalysis.cli import repeating, report
from dxanalysis.delivery import figures, origin

PARAMETERS = {"area": "quang-ninh", "indicator": "digital_economy_share", "definition": "preferred", "year": 2025,
              "as_of": "latest", "lang": "vi"}


def chart_record(**changes):
    command = "dx run --notebooks 10_trend --areas quang-ninh --indicators digital_economy_share"
    command += " --definitions preferred --years 2025 --as-of latest --lang vi"
    return origin.of_chart(
        "trend", "trend", "slide", notebook="10_trend", parameters=PARAMETERS, command=command,
        data_digest=facts.digest(),
    ) | {"file": "trend.vi"} | changes


def pack_record(**changes):
    return origin.of_office_file(
        {"file": "quang-ninh-2025.vi.pptx", "area": "quang-ninh", "year": "2025", "lang": "vi",
         "command": "dx briefing --areas quang-ninh --year 2025 --lang vi"}, facts.digest(),
    ) | changes


def test_a_record_of_ours_names_its_run_and_nothing_differs():
    wanted = repeating.understood(chart_record(), ".png", report.read_command)
    assert [(path.stem, given["year"]) for path, given in wanted.runs] == [("10_trend", 2025)]
    assert repeating.differences(chart_record()) == []
    assert repeating.understood(pack_record(), ".docx", report.read_command).office == "quang-ninh-2025.vi"
    assert repeating.differences(pack_record()) == []


@pytest.mark.parametrize(("changes", "message"), [
    ({"file": "../../x.vi"}, r"names the picture '\.\./\.\./x\.vi'"),
    ({"file": "trend.fr"}, "a picture's name is like trend.vi"),
    ({"notebook": "../../evil"}, r"names the notebook '\.\./\.\./evil'\. Notebooks: 00_overview"),
    ({"notebook": "01_your_own_data"}, "names the notebook '01_your_own_data'"),
    ({"parameters": PARAMETERS | {"area": "$(reboot)"}}, r"gives '\$\(reboot\)' for area; allowed are small letters"),
    ({"parameters": PARAMETERS | {"area": "atlantis"}}, "Unknown area 'atlantis'"),
    ({"parameters": PARAMETERS | {"area": ["quang-ninh"]}}, "for area; allowed are small letters"),
    ({"parameters": PARAMETERS | {"workbook": "x"}}, "workbook"),
    ({"parameters": PARAMETERS | {"year": "2025; rm"}}, "for year; allowed are small letters"),
    ({"parameters": PARAMETERS | {"lang": "xx"}}, "xx"),
    ({"parameters": "rm -rf"}, "names the notebook '10_trend'"),
    ({"command": "rm -rf /"}, "The command in the file, 'rm -rf /', is not the one its record stands for"),
    ({"command": "dx run --notebooks 10_trend; reboot"}, "is not the one its record stands for"),
    ({"command": "dx run 'unclosed"}, "is not the one its record stands for"),
])
def test_a_stranger_s_record_is_refused_and_named(changes, message):
    with pytest.raises(ValueError, match=message):
        repeating.understood(chart_record(**changes), ".png", report.read_command)


@pytest.mark.parametrize(("changes", "message"), [
    ({"file": "../../x.vi.pptx"}, "not one of ours"),
    ({"file": "x.pptx"}, "not one of ours"),
    ({"command": "dx briefing --areas atlantis --year 2025 --lang vi"}, "is not one that dx report"),
    ({"command": "dx briefing --areas quang-ninh --year 2025 --lang fr"}, "is not one that dx report"),
    ({"command": "dx briefing --areas quang-ninh --year 2025 --lang vi --out /etc"}, "is not one that dx report"),
    ({"command": "dx run --areas quang-ninh"}, "is not one that dx report"),
    ({"command": "dx report 'unclosed"}, "is not one that dx report"),
])
def test_a_stranger_s_pack_is_refused_and_named(changes, message):
    with pytest.raises(ValueError, match=message):
        repeating.understood(pack_record(**changes), ".pptx", report.read_command)


def test_what_differs_is_named():
    changed = chart_record(
        data_digest="0" * 64, methods=origin.methods("10_trend") | {"forecasting": "x", "notebook": "y"},
        packages={"matplotlib": "1.0"},
    )
    found = "; ".join(repeating.differences(changed))
    assert f"its data differ from the data here (recorded {'0' * 12}, here {facts.digest()[:12]})" in found
    assert "the code of forecasting differs; the code of notebook 10_trend differs" in found
    assert "and was 1.0" in found
    assert repeating.differences(pack_record(methods={}))[0] == "the code of facts differs"


def test_a_template_must_be_the_one_it_was_written_into(tmp_path):
    (tmp_path / "office.pptx").write_bytes(b"one")
    with_template = pack_record(template=digest_of(tmp_path / "office.pptx"))
    assert repeating.differences(with_template, tmp_path / "office.pptx") == []
    assert "give that file with --template" in repeating.differences(with_template)[0]
    assert "leave out --template" in repeating.differences(pack_record(), tmp_path / "office.pptx")[0]


def picture(path, record):
    from matplotlib.figure import Figure

    return figures.save_figure(Figure(), path.parent, path.stem, record, "nothing")[0]


def test_the_command_says_why_it_refuses_and_leaves_no_folder(tmp_path, capsys):
    file = picture(tmp_path / "trend.vi.png", chart_record(data_digest="1" * 64))
    assert cli.main(["repeat", str(file), "--out", str(tmp_path / "again")]) == 2
    assert "trend.vi.png cannot be repeated here: its data differ" in capsys.readouterr().err
    assert not (tmp_path / "again").exists()


def test_a_folder_with_something_in_it_is_refused(tmp_path, capsys):
    file = picture(tmp_path / "trend.vi.png", chart_record())
    assert cli.main(["repeat", str(file), "--out", str(tmp_path)]) == 2
    assert "--out takes a new or an empty folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x.png", "x.svg", "x.pdf", "x.pptx", "x.txt"])
def test_a_file_of_someone_else_holds_no_record(tmp_path, name):
    (tmp_path / name).write_bytes(b"<svg>&xxe;" if name.endswith("svg") else b"%PDF-1.4 /Keywords <zz> x")
    with pytest.raises(ValueError, match=f"{name} holds no provenance"):
        origin.read(tmp_path / name)


def test_an_svg_with_entities_is_not_read(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><svg xmlns:dc="http://purl.org/dc/elements/1.1/">'
    (tmp_path / "x.svg").write_text(f"{bomb}<dc:description>&a;</dc:description></svg>")
    with pytest.raises(ValueError, match="holds no provenance"):
        origin.read(tmp_path / "x.svg")


def test_where_prints_no_control_character_of_a_stranger(tmp_path, capsys):
    file = picture(tmp_path / "trend.vi.png", {"command": "\x1b[2Jdx run", "parameters": {"a": "\x1b"}})
    assert cli.main(["where", str(file)]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.notebook
def test_a_chart_and_a_deck_are_made_again_byte_for_byte(tmp_path, capsys):
    pytest.importorskip("pptx", reason="python-pptx is not installed (extra 'briefing')")
    asked = ["--areas", "quang-ninh", "--years", "2025", "--notebooks", "10_trend", "--out", str(tmp_path / "first")]
    assert cli.main(["run", *asked]) == 0
    words = ["briefing", "--areas", "quang-ninh", "--year", "2025", "--lang", "en", "--out", str(tmp_path)]
    assert cli.main(words) == 0
    deck = next(tmp_path.rglob("quang-ninh-2025.en.pptx"))
    folder = tmp_path / "first" / "quang-ninh" / "2025" / "10_trend"
    for file in (folder / "trend.en.png", deck):
        assert cli.main(["repeat", str(file), "--out", str(tmp_path / f"again{file.suffix}")]) == 0
        assert "The bytes are the same." in capsys.readouterr().out
    changed = tmp_path / "trend.en.png"
    shutil.copy(folder / "trend.en.png", changed)
    changed.write_bytes(changed.read_bytes() + b"\0")
    assert cli.main(["repeat", str(changed), "--out", str(tmp_path / "third")]) == 1
    assert "The bytes differ" in capsys.readouterr().out


def test_the_code_of_every_room_and_of_what_joins_them_is_noted(root):
    noted = origin.methods("10_trend")
    empty = hashlib.sha256().hexdigest()[:12]
    assert empty not in noted.values()
    rooms = {path.name for path in (root / "dxanalysis").iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert set(noted) == rooms - {"batch", "cli"} | {"api", "notebook"}
