"""The researcher's desk in a real browser: JupyterLab with the suite, the explorer, and the page without code.

Screenshots are left in the folder named by DX_SCREENSHOTS, or in pytest's temporary folder.
"""

import http.client
import importlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import eventually, free_port

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 300_000  # milliseconds; what is waited for always comes, on a busy machine late
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
# The command itself, on a copy of the notebooks, so that a test cannot change the project.
START = """
import pathlib, sys
from dxanalysis import cli
from dxanalysis.cli import lab
lab.ROOT = pathlib.Path(sys.argv[1])
lab.EXPLORER = lab.ROOT / "notebooks" / "05_explore.ipynb"
raise SystemExit(cli.main(sys.argv[2:]))
"""
ELSEWHERE = {
    **{"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"},
    **{"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://elsewhere.example"},
}
NO_KERNEL = "/api/kernels/00000000-0000-0000-0000-000000000000"
CELLS = """() => {const w = jupyterapp.shell.currentWidget; return w.content.model.cells.length &&
  [...Array(w.content.model.cells.length).keys()].map(i => w.content.model.cells.get(i)).filter(c => c.type === 'code')
  .every(c => Number.isInteger(c.executionCount)) && w.sessionContext.session?.kernel?.status === 'idle'}"""
IDLE = """() => {const w = window.jupyterapp?.shell?.currentWidget;
  return w?.context?.isReady && w.sessionContext?.session?.kernel?.status === 'idle'}"""
SET_SOURCE = """([id, from, to]) => {const cells = jupyterapp.shell.currentWidget.content.model.cells;
  for (let i = 0; i < cells.length; i++) {const c = cells.get(i);
    if (c.id === id) c.sharedModel.setSource(c.sharedModel.getSource().replace(from, to))}}"""


def missing(reason: str) -> None:
    """Skip, or fail where the machine was said to have a browser."""
    if os.environ.get("DX_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class Desk:
    """A running server, its address and a browser; `wrong` and `outside` collect what must stay empty."""

    url: str
    token: str
    root: Path
    window: Any
    pictures: Path
    wrong: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def page(self, path: str) -> Any:
        page = self.window.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda one: None if one.url.startswith((self.url, "data:", "blob:"))
                or one.url.startswith(self.url.replace("http", "ws")) else self.outside.append(one.url))
        page.goto(f"{self.url}{path}{'&' if '?' in path else '?'}token={self.token}")
        return page

    def notebook(self, name: str) -> Any:
        page = self.page(f"/lab/tree/notebooks/{name}.ipynb?reset")
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        page.wait_for_function(IDLE)
        return page

    def shot(self, page: Any, name: str) -> None:
        page.screenshot(path=str(self.pictures / f"{name}.png"))

    def saved(self, name: str) -> dict[str, Any]:
        return json.loads((self.root / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    place = Path(os.environ.get("DX_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    place.mkdir(parents=True, exist_ok=True)
    return place


@pytest.fixture(scope="session")
def window() -> Iterator[Any]:
    """Start Debian's chromium, or say why not."""
    if not Path(CHROMIUM).exists():
        missing("chromium is not installed (Debian: apt-get install chromium)")
    if importlib.util.find_spec("playwright") is None:
        missing("playwright is not installed (extra 'remote-test')")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def root_copy(root, tmp_path_factory) -> Path:
    """A folder with the README and the notebooks, and a home that must stay empty."""
    copy = tmp_path_factory.mktemp("desk")
    shutil.copy(root / "README.md", copy)
    shutil.copytree(root / "notebooks", copy / "notebooks")
    shutil.copytree(root / ".pictures", copy / ".pictures")
    (copy / "home").mkdir()
    return copy


def start(words: list[str], place: Path, base: Path) -> subprocess.Popen:
    """Start a command of ours with every folder of Jupyter below a short path."""
    folders = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"]
    folders += ["JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"]
    env = {**os.environ, "HOME": str(place / "home"), "NOTEBOOK_RUN_DIR": str(base / "run")}
    for number, name in enumerate(folders):
        env[name] = str(base / str(number))
        Path(env[name]).mkdir(parents=True)
    (base / "run").mkdir()
    with (base / "log").open("w") as log:
        return subprocess.Popen([sys.executable, "-c", START, str(place), *words], env=env, stdout=log, stderr=log)


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            pytest.fail(f"the server ended: {log.read_text(encoding='utf-8')[-2000:]}")
        with suppress(urllib.error.HTTPError):  # an answer, too
            urllib.request.urlopen(url, timeout=PATIENCE / 1000).close()  # noqa: S310
        return True

    eventually(answers)


def stop(process: subprocess.Popen) -> None:
    """End the command and the server it started."""
    import psutil

    family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    for one in family:
        one.terminate()
    psutil.wait_procs(family, timeout=PATIENCE / 1000)
    process.wait(PATIENCE / 1000)


@pytest.fixture(scope="session")
def desk(window, root_copy, pictures, tmp_path_factory) -> Iterator[Desk]:
    """JupyterLab as `dx lab` starts it, on a port of its own."""
    port, token, base = free_port(), secrets.token_hex(16), tmp_path_factory.mktemp("j")
    words = ["lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", "--allow-root"]
    words += [f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True"]
    words += ["--LabApp.extension_manager=readonly", "--ServerApp.terminals_enabled=False"]
    process = start([*words, "--KernelManager.transport=ipc"], root_copy, base)
    try:
        wait_for(f"http://127.0.0.1:{port}/api?token={token}", process, base / "log")
        yield Desk(f"http://127.0.0.1:{port}", token, root_copy, window, pictures)
    finally:
        stop(process)


def run_all(page: Any) -> None:
    """Choose Run, Run All Cells in the menu and wait until every cell has run."""
    page.locator(".lm-MenuBar-itemLabel:text-is('Run')").click()
    page.locator(".lm-Menu-itemLabel:text-is('Run All Cells')").click()
    page.wait_for_function(CELLS, timeout=PATIENCE)


def outputs(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


def pictures_in(notebook: dict[str, Any]) -> list[str]:
    shown = ("".join(output["data"].get("text/html", "")) for output in outputs(notebook) if "data" in output)
    return [picture for markup in shown for picture in re.findall(r'<img[^>]+src="([^"]+)"', markup)]


def complaints(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in outputs(notebook) if one["output_type"] == "error" or one.get("name") == "stderr"]


def findings(notebook: dict[str, Any]) -> str:
    (cell,) = [cell for cell in notebook["cells"] if "findings" in cell["metadata"].get("tags", [])]
    return "".join(cell["outputs"][0]["data"]["text/plain"])


def save(page: Any) -> None:
    page.evaluate("() => jupyterapp.shell.currentWidget.context.save()")


def test_the_desk_opens_on_the_readme_without_news_and_leaves_the_home_alone(desk):
    page = desk.page("/")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    page.locator(".jp-RenderedMarkdown h1").first.wait_for()
    page.wait_for_function("() => document.querySelector('.jp-RenderedMarkdown img')?.naturalWidth > 100")
    desk.shot(page, "lab-readme")
    assert not page.get_by_text("Would you like to get notified").count()
    assert not list((desk.root / "home").rglob("*"))
    page.close()


def test_a_changed_area_changes_the_chart_and_the_findings(desk):
    page = desk.notebook("30_attainment")
    run_all(page)
    save(page)
    before = desk.saved("30_attainment")
    page.evaluate(SET_SOURCE, ["30-02", '"quang-ninh"', '"viet-nam"'])
    page.evaluate("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    run_all(page)
    save(page)
    after = desk.saved("30_attainment")

    assert "Quảng Ninh" in findings(before)
    assert "Việt Nam" in findings(after)
    assert pictures_in(after)
    assert not set(pictures_in(before)) & set(pictures_in(after))
    page.evaluate("() => {const c = jupyterapp.shell.currentWidget.content; c.scrollToItem(12); }")
    picture = page.locator(".jp-OutputArea-output figure img").first
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") > 100
    assert picture.get_attribute("alt")
    desk.shot(page, "lab-attainment-viet-nam")
    assert not complaints(after)
    assert desk.wrong == []
    assert desk.outside == []
    page.close()


def pick(page: Any, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=text)


def picture_of(page: Any) -> Any:
    return page.locator(".widget-html figure img").first


def changed(page: Any, old: str) -> str:
    """Wait until the picture is another one and give it."""
    script = "old => {const i = document.querySelector('.widget-html figure img'); return i && i.src !== old}"
    page.wait_for_function(script, arg=old)
    return picture_of(page).get_attribute("src")


def choose_the_nation(page: Any) -> str:
    """Choose another area: the picture and the words change; give the picture."""
    picture_of(page).wait_for()
    first = picture_of(page).get_attribute("src")
    pick(page, "Địa phương", "Việt Nam")
    nation = changed(page, first)
    assert "Việt Nam" in page.locator(".widget-html ul.findings").first.inner_text()
    return nation


def play(page: Any) -> None:
    """Change what is shown by mouse and by keyboard; each change must give another picture or other words."""
    nation = choose_the_nation(page)
    words = page.locator(".widget-html ul.findings").first

    slider = page.locator(".widget-slider .noUi-handle, .widget-hslider .noUi-handle").first  # the day of the data
    slider.focus()
    page.keyboard.press("ArrowLeft")
    changed(page, nation)

    before = picture_of(page).get_attribute("src")
    page.get_by_label("Thử mục tiêu khác").check()  # a target of one's own: its fields appear and move the dots
    own = page.get_by_label("Mục tiêu", exact=True)
    own.fill("16")
    own.press("Tab")
    tried = changed(page, before)
    page.get_by_label("Thử mục tiêu khác").uncheck()
    changed(page, tried)

    said = words.inner_text()
    growth = page.locator(".widget-slider .noUi-handle, .widget-hslider .noUi-handle").last
    growth.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "old => document.querySelector('.widget-html ul.findings').innerText !== old", arg=said
    )  # the growth of the whole moves a sentence

    indicators = page.get_by_label("Chỉ tiêu", exact=True)  # JupyterLab has lists of its own above
    said = words.inner_text()
    pick(page, "Chỉ tiêu", indicators.locator("option").nth(3).inner_text())
    page.wait_for_function("old => document.querySelector('.widget-html ul.findings')?.innerText !== old", arg=said)
    page.locator("summary", has_text="Cách đọc và cách dùng").first.wait_for()  # the controls of that indicator stand

    page.get_by_role("button", name="English").click()
    page.get_by_label("Area", exact=True).wait_for()
    page.wait_for_function("() => document.querySelector('.widget-html ul.findings')?.lang === 'en'")
    sources = page.locator("summary", has_text="Sources of the figures").first
    sources.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open] a[href^='http']").first.is_visible()


def test_the_controls_of_the_explorer_change_the_picture(desk):
    page = desk.notebook("05_explore")
    run_all(page)
    page.evaluate("() => jupyterapp.shell.currentWidget.content.scrollToItem(6)")
    play(page)
    desk.shot(page, "lab-explore")
    save(page)
    assert not complaints(desk.saved("05_explore"))
    assert desk.wrong == []
    page.close()


@pytest.mark.parametrize("name", ["01_your_own_data", "10_trend"])
def test_run_all_is_green(desk, name):
    page = desk.notebook(name)
    run_all(page)
    save(page)
    desk.shot(page, f"lab-{name}")
    assert not complaints(desk.saved(name))
    page.close()


@pytest.fixture(scope="session")
def served(window, root_copy, pictures, tmp_path_factory) -> Iterator[Desk]:
    """The explorer as `dx explore` serves it, on a port of its own."""
    if importlib.util.find_spec("voila") is None:
        missing("voila is not installed (extra 'explore')")
    port, base = free_port(), tmp_path_factory.mktemp("v")
    process = start(["explore", "--no-browser", f"--port={port}", "--Voila.port_retries=0"], root_copy, base)
    try:
        wait_for(f"http://127.0.0.1:{port}/static/none", process, base / "log")
        yield Desk(f"http://127.0.0.1:{port}", "", root_copy, window, pictures)
    finally:
        stop(process)


def test_the_explorer_is_served_without_code_and_without_the_network(served):
    page = served.page("/")
    play(page)
    served.shot(page, "explore")
    assert "facts.find_indicator" not in page.locator("body").inner_text()
    assert served.outside == []
    assert served.wrong == []
    kernel = json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]
    assert answer(served, f"/api/kernels/{kernel}/channels", **ELSEWHERE)[0] == 403  # no page elsewhere may speak to it
    page.close()


def answer(one: Desk, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    """Ask a server as another program would, with headers of its own; give status and headers."""
    with closing(http.client.HTTPConnection(one.url.removeprefix("http://"), timeout=PATIENCE / 1000)) as line:
        line.putrequest("GET", path, skip_host="Host" in headers)
        for name, value in headers.items():
            line.putheader(name.replace("_", "-"), value)
        line.endheaders()
        with line.getresponse() as said:
            return said.status, dict(said.headers)


def test_the_page_says_what_it_may_load(served):
    policy = answer(served, NO_KERNEL)[1]["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_no_file_beside_the_page_is_served(served):
    assert answer(served, "/voila/files/05_explore.ipynb")[0] == 403


def test_neither_desk_nor_page_answers_under_another_name(desk, served):
    for one, path in ((desk, "/lab"), (served, "/")):
        assert answer(one, path, Host="elsewhere.example")[0] == 403
