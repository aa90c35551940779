"""The site in a real browser: accessibility by axe, keyboard, chart, filters, languages, print, no network."""

import json
import os
import shutil
import threading

import pytest

from dxanalysis.cli import serving
from dxanalysis.delivery.site.build import write_site
from tests.site_support import catalogue, whole

pytestmark = pytest.mark.browser
PATIENCE = 120_000  # milliseconds to wait for a condition; a loaded machine may need them
FOCUSED = """(() => {
  const one = document.activeElement;
  const name = one.id || one.dataset.save || (one.classList.contains("mark") && "mark") || one.textContent.trim();
  return [name, getComputedStyle(one).outlineStyle !== "none" || Boolean(one.querySelector(".ring"))];
})()"""
PAGES = {
    "start": "site/index.html", "area": "site/areas/viet-nam/index.html",
    "series": "site/areas/viet-nam/share.html", "notebook": "site/runs/viet-nam/2025/30_attainment.html",
    "method": "site/method.html", "data": "site/data.html", "failures": "site/failures.html",
    "failed notebook": "site/failed/hue/2025/10_trend.html",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = whole(tmp_path_factory.mktemp("outputs"))
    write_site(folder, catalogue())
    return folder


@pytest.fixture(scope="module")
def address(outputs):
    with serving.Server(outputs) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.address
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra 'remote-test')")
    found = shutil.which("chromium")
    if found is None:
        assert not os.environ.get("DX_BROWSER"), "chromium is missing"
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with api.sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
        window = driver.chromium.launch(executable_path=found, args=flags)
        yield window
        window.close()


@pytest.fixture
def tab(chromium):
    """A page that notes what it asks for and what goes wrong."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.asked, opened.wrong = [], []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("pageerror", lambda error: opened.wrong.append(str(error)))
    opened.on("console", lambda line: opened.wrong.append(line.text) if line.type in ("error", "warning") else None)
    yield opened
    context.close()


def violations(tab):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed (extra 'remote-test')"
    )
    tab.evaluate("document.fonts.ready")
    found = axe.Axe().run(tab).response["violations"]
    return [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on_any_page_in_either_language(tab, address, name, lang):
    tab.goto(f"{address}{PAGES[name]}?lang={lang}")
    assert tab.evaluate("document.documentElement.lang") == lang
    assert tab.title().endswith("· dxanalysis")
    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.set_viewport_size({"width": 400, "height": 800})
    tab.wait_for_function("document.documentElement.clientWidth <= 400")
    tab.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    assert violations(tab) == []
    assert all(url.startswith((address, "data:")) for url in tab.asked)
    assert tab.wrong == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_works_from_disk(tab, outputs, name):
    tab.goto(f"{(outputs / PAGES[name]).as_uri()}?lang=en")
    assert tab.evaluate("document.documentElement.lang") == "en"
    assert tab.locator("#language").inner_text() == "Tiếng Việt"
    assert tab.evaluate("getComputedStyle(document.body).margin") == "0px"  # the style sheet was let in
    assert tab.wrong == []
    assert all(url.startswith(("file:", "data:")) for url in tab.asked)


def test_the_language_stays_from_page_to_page(tab, address):
    tab.goto(address)
    assert tab.locator("h1").inner_text() == "Tiến độ thực hiện các mục tiêu chuyển đổi số"
    tab.locator("#language").click()
    assert tab.locator("h1").inner_text() == "Progress towards digital transformation targets"
    assert tab.locator("#area option").first.inner_text() == "All"
    tab.locator("header nav a", has_text="Methods").click()
    tab.wait_for_url("**/method.html*")
    assert tab.locator("h1").inner_text() == "Methods"
    tab.goto(f"{address}{PAGES['series']}")
    assert tab.evaluate("document.documentElement.lang") == "en"


def test_search_and_filters_find_rows_and_stand_in_the_address(tab, address):
    tab.goto(f"{address}site/index.html?lang=en")
    assert tab.locator("#count").inner_text() == "2 of 2 rows shown"  # the third has no figure: it is folded
    tab.locator("#q").fill("da nang")
    assert tab.locator("#grid tbody tr:visible").count() == 1
    tab.locator("#clear").click()
    tab.locator("#status").select_option("missed")
    assert tab.locator("#grid tbody tr:visible").count() == 1
    tab.locator("#year").select_option("2024")
    assert tab.locator("#count").inner_text() == "0 of 2 rows shown"
    assert tab.locator("#grid thead th[data-year]:visible").all_inner_texts() == ["2024"]
    tab.goto(f"{address}site/index.html?lang=en#area=da-nang&year=2025")
    tab.reload()
    assert tab.locator("#grid tbody tr:visible").count() == 1
    assert tab.locator("#year").input_value() == "2025"


def test_the_keyboard_reaches_everything_in_order_and_the_focus_is_seen(tab, address):
    tab.goto(f"{address}{PAGES['series']}?lang=en")
    tab.wait_for_selector(".mark")
    seen = []
    for _ in range(60):
        tab.keyboard.press("Tab")
        seen.append(tab.evaluate(FOCUSED))
        if seen[-1][0] == "csv":
            break
    names = [name for name, _ in seen]
    assert names[0] == "Đến nội dung chínhSkip to the content"
    order = ["language", "definition", "release", "forecast", "others", "mark", "png", "svg", "csv"]
    assert [name for name in names if name in order] == order
    assert all(visible for _, visible in seen)


def test_the_skip_link_leads_to_the_content(tab, address):
    tab.goto(f"{address}site/index.html")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"


def test_arrow_keys_walk_along_the_chart_and_each_point_says_what_it_is(tab, address):
    tab.goto(f"{address}{PAGES['series']}?lang=en")
    tab.locator(".mark").first.focus()
    label = "document.activeElement.getAttribute('aria-label')"
    assert tab.evaluate(label).startswith("2021: 10.5%; Tổng cục Thống kê (en); official; Published: 6 January 2025")
    tab.keyboard.press("ArrowRight")
    assert "Break: đổi cách tính" in tab.evaluate(label)
    assert tab.locator(".tip").inner_text().startswith("2022: 11.5%")
    tab.keyboard.press("End")
    assert tab.evaluate(label) == "2030: at least 30%; Target; 57"
    tab.keyboard.press("ArrowRight")  # the last one stays
    tab.keyboard.press("Home")
    assert tab.evaluate(label).startswith("2021:")
    tab.keyboard.press("Escape")
    assert tab.locator(".tip").is_hidden()
    assert tab.locator(".mark[tabindex='0']").count() == 1


def test_a_cell_of_the_grid_leads_to_its_row_below_the_chart(tab, address):
    tab.goto(f"{address}site/index.html")
    tab.locator("tr[data-area=viet-nam] td[data-year='2024'] a").click()
    tab.wait_for_url("**/share.html#y2024")
    tab.wait_for_selector(".mark")
    row = "document.getElementById('y2024').getBoundingClientRect()"
    tab.wait_for_function(f"{row}.top >= 0 && {row}.bottom <= innerHeight")


def test_hovering_shows_the_nearest_value(tab, address):
    tab.goto(f"{address}{PAGES['series']}?lang=vi")
    tab.locator(".mark").nth(2).hover()
    assert "12,5%" in tab.locator(".tip").inner_text()


def test_definition_release_and_forecast_change_chart_table_and_address(tab, address):
    tab.goto(f"{address}{PAGES['series']}?lang=en")
    kinds = "[...document.querySelectorAll('#figures tbody tr')].map(r => r.cells[1].textContent)"
    assert tab.evaluate(kinds).count("Forecast (median)") == 5
    assert tab.locator("#remark").inner_text().startswith("This forecast leans 40%")
    tab.locator("#definition").select_option("mic")
    assert tab.locator("#figures tbody tr").first.inner_text().split("\t")[2] == "14.5%"
    assert tab.evaluate(kinds).count("Forecast (median)") == 0
    assert "another definition" in tab.locator("#remark").inner_text()
    tab.locator("#release").select_option("2024-01-31")
    assert tab.evaluate(kinds).count("Observed") == 3
    assert "definition=mic&release=2024-01-31" in tab.url
    tab.locator("#others").check()
    assert tab.evaluate(kinds).count("Observed: Tổng cục Thống kê (en)") == 4
    tab.reload()
    assert tab.locator("#definition").input_value() == "mic"
    assert tab.locator("#others").is_checked()


@pytest.mark.parametrize("kind", ["png", "svg", "csv"])
def test_the_chart_is_saved_as_a_file(tab, address, kind, tmp_path):
    tab.goto(f"{address}{PAGES['series']}?lang=vi")
    with tab.expect_download() as saved:
        tab.locator(f"[data-save={kind}]").click()
    assert saved.value.suggested_filename == f"viet-nam.share.gso.vi.{kind}"
    saved.value.save_as(tmp_path / "saved")
    content = (tmp_path / "saved").read_bytes()
    if kind == "png":
        assert content[:8] == b"\x89PNG\r\n\x1a\n" and content[16:24] == (2400).to_bytes(4, "big") + (1350).to_bytes(
            4, "big"
        )
    elif kind == "svg":
        import xml.etree.ElementTree as tree

        assert "Tỷ trọng kinh tế số, Việt Nam" in "".join(tree.fromstring(content).itertext())  # noqa: S314
    else:
        rows = content.decode("utf-8-sig").splitlines()
        assert rows[0] == "kind,definition,release,year,value,low_80,high_80,low_95,high_95,status,source"
        assert "median,gso,2025-01-06,2030,19,11,27,9.5,28.5,," in rows
    assert tab.wrong == []


def test_the_printed_page_keeps_chart_and_tables_and_drops_the_controls(tab, address):
    tab.goto(f"{address}{PAGES['series']}")
    tab.wait_for_selector(".mark")
    tab.emulate_media(media="print")
    shown = {
        name: tab.locator(name).first.is_visible()
        for name in ("header", "#definition", ".save", "#plot svg", "#figures")
    }
    assert shown == {"header": False, "#definition": False, ".save": False, "#plot svg": True, "#figures": True}


def test_without_scripts_the_figures_and_verdicts_are_still_there(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{PAGES['series']}")
    assert page.locator("#figures tbody tr").count() == 6
    assert page.locator("noscript").count() == 1
    page.goto(f"{address}site/index.html")
    assert page.locator("#grid tbody tr:visible").count() == 2
    context.close()


def test_another_page_can_neither_frame_nor_read_the_site(tab, address, tmp_path):
    page = tmp_path / "evil.html"
    tries = {"frame": f"{address}site/index.html", "script": f"{address}site/site.js"}
    page.write_text(
        "<!doctype html><title>x</title><script>const tries = " + json.dumps(tries) + ";"
        "fetch(tries.frame).then(r => r.text()).then(() => document.title = 'read', () => document.title = 'refused');"
        "</script><iframe></iframe><script>document.querySelector('iframe').src = tries.frame;</script>"
    )
    tab.goto(page.as_uri())
    tab.wait_for_function("document.title !== 'x'")
    assert tab.title() == "refused"
    frame = tab.frames[1]
    frame.wait_for_load_state()
    assert "Tiến độ" not in frame.content()
