"""Texts, addresses and ids of strangers on the pages of the site."""

import json
import re

import pytest

from dxanalysis.delivery.site import NOTHING
from tests.site_support import Read, agreed, build, catalogue, forecast_rows, leave_run, pages, source

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


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
    tables = {
        "agreement": [agreed(2030, EVIL)],
        "history": rows,
        "targets": goals,
        "panel": [{"method": EVIL, "version": EVIL, "citation": EVIL}],
    }
    leave_run(tmp_path, names={"quang-ninh": EVIL}, indicator=indicator, tables=tables, headline=EVIL, findings=[EVIL])
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
    leave_run(tmp_path, tables={"agreement": [agreed(2025, "on_track")]})
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
