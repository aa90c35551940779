"""Texts, addresses and ids of strangers on the pages of the site."""

import functools
import json
import multiprocessing
import os
import random
import re
import shutil

import pytest

from dxanalysis.delivery import listing
from dxanalysis.delivery.site.gather import NOTHING
from tests.site_support import (
    Read,
    agreed,
    build,
    catalogue,
    forecast_rows,
    leave_notebook,
    leave_run,
    pages,
    source,
)
from tests.waiting import PATIENCE

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def evil(judgement):
    """Put markup into every text of a judgement."""
    texts = {name: {"vi": EVIL, "en": EVIL + "2"} for name, text in judgement.items() if isinstance(text, dict)}
    return judgement | texts | {"document": EVIL, "lead": EVIL}


def test_texts_of_strangers_stay_texts(tmp_path):
    indicator = {
        "id": "evil",
        "vi": EVIL,
        "en": EVIL + "2",
        "unit": EVIL,
        "unit_vi": EVIL,
        "unit_en": EVIL,
        "decimals": 2,
    }
    rows = [{"definition": EVIL, "year": 2024, "value": 4, "status": EVIL, "vintage": EVIL, "source": EVIL}]
    goals = [{"year": 2030, "value": 9, "comparator": EVIL, "document_vi": EVIL, "wording_en": EVIL, "source": EVIL}]
    tables = {"history": rows, "targets": goals, "panel": [{"method": EVIL, "version": EVIL, "citation": EVIL}]}
    leave_run(tmp_path, names={"quang-ninh": EVIL}, indicator=indicator, tables=tables, headline=EVIL, findings=[EVIL],
              judged=[evil(agreed(2030, "due", "evil")), evil(agreed(2030, "no_figure_held", "other"))])
    leave_run(
        tmp_path, year=2024, notebook="20_forecast", indicator=indicator, tables={"forecast": forecast_rows(2024, EVIL)}
    )
    (tmp_path / "_failed").mkdir()
    (tmp_path / "_failed" / "x.ipynb").write_text(
        json.dumps({"cells": [{"outputs": [{"output_type": "error", "ename": EVIL, "evalue": EVIL}]}]})
    )
    for name, text in pages(build(tmp_path, NOTHING)).items():
        page = Read(text)
        assert page.wrong == [], name
        assert not re.search(r"<script>|<img src=x", text), name
        assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")], name


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//evil.example", "java\nscript:x", ""]
)
def test_addresses_that_are_no_web_pages_never_become_links(tmp_path, url):
    leave_run(tmp_path, judged=[agreed(2025, "open")])
    texts = pages(build(tmp_path, catalogue(sources={"page": source(url=url)})))
    assert all(url not in Read(text).links() or not url for text in texts.values())
    assert "Báo Thử" in texts["data.html"]


@pytest.mark.parametrize("id", ["../evil", "a/b", "", "A B", ".", "x" * 200, "a%2e"])
def test_an_id_that_cannot_name_a_page_is_reported_not_written(tmp_path, id):
    leave_run(
        tmp_path / "out", indicator={"id": id, "vi": "x", "en": "x"} if id else {"id": "..", "vi": "x", "en": "x"}
    )
    texts = pages(build(tmp_path / "out"))
    assert "cannot name a page" in texts["failures.html"]
    assert not list(tmp_path.glob("*.html"))


# ---------------------------------------------------------------- files of strangers, and files of the user's own
ODD = [None, 0, -1, "", "x", [], {}, [1], {"a": 1}, True, "\ud800", "<script>"]


def parts(value, at=()):
    """Yield the way to every part of a JSON value."""
    yield at
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from parts(one, (*at, key))


def with_odd(document, chance):
    """Return a JSON value with one part replaced by something else, or taken out."""
    document = json.loads(json.dumps(document))
    *way, last = chance.choice([way for way in parts(document) if way])
    held = functools.reduce(lambda value, key: value[key], way, document)
    if chance.random() < 0.4:
        del held[last]
    else:
        held[last] = chance.choice(ODD)
    return document


def test_no_file_of_a_stranger_stops_the_site(tmp_path):
    chance = random.Random(4)
    folder = leave_run(tmp_path, tables={"agreement": [agreed(2030, "on_track")]}, findings=["x"])
    leave_notebook(tmp_path / "_failed" / "n" / "n.ipynb")
    files = [tmp_path / "_failed" / "n" / "n.ipynb", *folder.glob("*.ipynb"), *folder.glob("*.json")]
    whole = {path: json.loads(path.read_text(encoding="utf-8")) for path in files}
    for path in chance.choices(files, k=120):
        path.write_text(json.dumps(with_odd(whole[path], chance)))
        assert (build(tmp_path, NOTHING) / "index.html").is_file()
        path.write_text(json.dumps(whole[path]))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("how", ["pipe", "device", "link to nothing", "link to itself", "folder"])
@pytest.mark.parametrize("name", ["_failed/n/n.ipynb", "{run}/other.ipynb", "{run}/run.json", "{run}/facts.json",
                                  "{run}/agreement.csv", "odd/2025/n/run.json"])
def test_what_is_no_plain_file_stops_nobody(tmp_path, name, how):
    folder = leave_run(tmp_path, tables={"agreement": [agreed(2030, "on_track")]}, findings=["x"])
    path = tmp_path / name.format(run=folder.relative_to(tmp_path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    {"pipe": lambda: os.mkfifo(path), "device": lambda: path.symlink_to("/dev/zero"), "folder": path.mkdir,
     "link to nothing": lambda: path.symlink_to("nowhere"), "link to itself": lambda: path.symlink_to(path.name)}[how]()
    made = multiprocessing.get_context("fork").Process(target=build, args=(tmp_path, NOTHING))
    made.start()
    made.join(PATIENCE)  # it would wait for a writer, or read for ever
    made.kill()
    assert made.exitcode == 0 and (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize("kernelspec", [{}, {"name": "python3"}, {"display_name": 1}, None, "x"])
def test_a_failed_notebook_with_an_odd_kernelspec_has_a_page_or_a_reason(tmp_path, kernelspec):
    path = tmp_path / "_failed" / "n" / "n.ipynb"
    leave_notebook(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"metadata": {"kernelspec": kernelspec}}))
    made = pages(build(tmp_path, NOTHING))
    page = next(text for name, text in made.items() if name.startswith("notebooks/") or "n.html" in name)
    assert "Is the target met?" in page or 'class="warn"' in page


@pytest.mark.parametrize("how", ["files", "file", "link", "link inside"])
def test_what_dx_has_not_made_is_never_overwritten_by_the_site(tmp_path, how):
    mine, out = tmp_path / "mine", tmp_path / "out"
    mine.mkdir()
    (mine / "index.html").write_text("mine")
    leave_run(out)
    if how == "files":
        shutil.copytree(mine, out / "site")
    elif how == "file":
        (out / "site").write_text("mine")
    elif how == "link":
        (out / "site").symlink_to(mine)
    else:
        build(out, NOTHING)
        shutil.rmtree(out / "site" / "areas")
        (out / "site" / "areas").symlink_to(mine)
    seen = [path for path in (*mine.rglob("*"), *(out / "site").glob("index.html")) if path.is_file()]
    before = {path: path.read_bytes() for path in seen}
    with pytest.raises(ValueError, match=r"was not made by dx|leads out of the site"):
        build(out, NOTHING)
    assert {path: path.read_bytes() for path in before} == before and len(list(mine.iterdir())) == 1


def test_a_site_whose_building_was_interrupted_is_built_on(tmp_path, monkeypatch):
    leave_run(tmp_path)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("dxanalysis.delivery.site.build.series_page", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        build(tmp_path, NOTHING)
    assert (build(tmp_path, NOTHING) / "index.html").is_file()


@pytest.mark.parametrize("how", ["file", "link"])
def test_an_index_page_of_the_user_s_own_is_never_overwritten(tmp_path, how):
    leave_run(tmp_path / "out")
    (tmp_path / "mine.html").write_text("mine")
    if how == "file":
        (tmp_path / "out" / "index.html").write_text("mine")
    else:
        (tmp_path / "out" / "index.html").symlink_to(tmp_path / "mine.html")
    with pytest.raises(ValueError, match=r"holds an index\.html that no run has made"):
        listing.write_index(tmp_path / "out")
    assert (tmp_path / "out" / "index.html").read_text() == "mine"
