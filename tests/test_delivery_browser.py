"""The start page in a real browser: language switch, search without accents, keyboard, nothing asked of the network."""

import json
import shutil

import pytest

from dxanalysis import delivery

pytestmark = pytest.mark.browser


def leave(outputs, area, name, year=2025):
    folder = outputs / area / str(year) / "10_trend"
    folder.mkdir(parents=True)
    about = {
        "area": {"id": area, "vi": name, "en": name},
        "indicator": {"id": "x", "vi": "Chỉ tiêu", "en": "Indicator"},
    }
    run = {
        "notebook": "10_trend",
        "parameters": {"year": year, "area": area},
        "about": about,
        "charts": [],
        "tables": [],
    }
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    headline = {"vi": f"{name}: chưa đủ số liệu", "en": f"{name}: too early"}
    (folder / "facts.json").write_text(json.dumps({"headline": headline, "findings": []}), encoding="utf-8")


@pytest.fixture
def page(tmp_path):
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra 'remote-test')")
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    for area, name in (("quang-ninh", "Quảng Ninh"), ("da-nang", "Đà Nẵng")):
        leave(tmp_path, area, name)
    path = delivery.index(tmp_path)
    with api.sync_playwright() as driver:
        window = driver.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        opened = window.new_page()
        opened.asked, opened.wrong = [], []
        opened.on("request", lambda request: opened.asked.append(request.url))
        opened.on("pageerror", lambda error: opened.wrong.append(str(error)))
        opened.on("console", lambda line: opened.wrong.append(line.text) if line.type == "error" else None)
        opened.goto(path.as_uri())
        yield opened
        window.close()


def test_the_start_page_works_in_a_real_browser(page):
    assert page.locator("h1").inner_text() == "Tiến độ thực hiện các mục tiêu chuyển đổi số"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the first stop is the skip link, the second the language button
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("h1").inner_text() == "Progress towards digital transformation targets"
    assert page.locator("article:visible").count() == 2

    page.locator("#find").fill("da nang")
    assert page.locator("article:visible").count() == 1
    assert "Đà Nẵng: too early" in page.locator("article:visible").inner_text()
    page.locator("#find").fill("huế")
    assert page.locator("#none").is_visible()

    assert all(url.startswith("file:") for url in page.asked)
    assert page.wrong == []
