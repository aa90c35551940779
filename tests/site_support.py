"""Output folders and a catalogue for the tests of the site: small, made by hand."""

import csv
import json
from dataclasses import replace
from html.parser import HTMLParser

import nbformat
import pandas as pd

from dxanalysis import facts
from dxanalysis.delivery.site.build import write_site
from dxanalysis.delivery.site.gather import Known, Line, Release, Series
from dxanalysis.facts.records import Area, Definition, Source

SHARE = {"id": "share", "vi": "Tỷ trọng kinh tế số", "en": "Digital economy share", "unit": "percent", "unit_vi": "%",
         "unit_en": "%", "decimals": 2}
NAMES = {"quang-ninh": "Quảng Ninh", "da-nang": "Đà Nẵng", "viet-nam": "Việt Nam"}
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def leave_run(outputs, area="quang-ninh", year=2025, notebook="30_attainment", *, suffix="", indicator=SHARE,
              tables=None, headline="Ít khả năng", findings=(), cells=(), names=NAMES, digest="d1",
              executed=True, judged=()):
    """Leave what a run leaves: run.json, facts.json, tables and the executed notebook."""
    folder = outputs / area / str(year) / f"{notebook}{suffix}"
    folder.mkdir(parents=True)
    place = {"id": area, "vi": names.get(area, area), "en": names.get(area, area)}
    about = {"area": place} | ({"indicator": indicator} if indicator else {})
    run = {"notebook": notebook, "parameters": {"area": area, "year": year}, "about": about, "charts": [],
           "tables": sorted(tables or {}), "command": f"dx run --years {year}", "data_digest": digest}
    said = [{"vi": text, "en": f"{text} (en)"} for text in findings]
    facts = {"headline": {"vi": headline, "en": f"{headline} (en)"}, "findings": said, "judged": list(judged)}
    for name, content in (("run.json", run), ("facts.json", facts)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    for name, rows in (tables or {}).items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    if executed:
        leave_notebook(folder / f"{notebook}.ipynb", cells)
    return folder


def leave_notebook(path, cells=()):
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = cells or [
        prose("# Is the target met?"),
        code("print(1)", html_output("<table><tr><td>1</td></tr></table>")),
    ]
    for at, cell in enumerate(shown):
        cell["id"] = f"c{at}"
    nbformat.write(nbformat.v4.new_notebook(cells=list(shown)), path)


def prose(text):
    return nbformat.v4.new_markdown_cell(text)


def code(source, *outputs):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), execution_count=1)


def html_output(markup, **more):
    return nbformat.v4.new_output("display_data", {"text/html": markup, "text/plain": "plain", **more})


def agreed(target_year, state, indicator="share"):
    """A judgement as a run writes it down."""
    said = {name: {"vi": "", "en": ""} for name in ("level", "goal", "distance", "outlook", "basis", "required")}
    said |= {"name": {"vi": SHARE["vi"], "en": SHARE["en"]}, "answer": {"vi": f"7,1% {state}", "en": f"7.1% {state}"}}
    asked_by = dict.fromkeys(("vi", "en"), "09-NQ/TU")
    return said | {"indicator": indicator, "state": state, "target_year": target_year, "asked_by": asked_by}


def forecast_rows(origin=2025, definition="gso"):
    """Quantiles of five years, spreading."""
    return [
        {"definition": definition, "origin": origin, "year": origin + ahead, "quantile": quantile,
         "value": 14 + ahead + ahead * 4 * (quantile - 0.5), "borrowed": 0.4}
        for ahead in range(1, 6) for quantile in (0.025, 0.1, 0.5, 0.9, 0.975)
    ]


def source(id="page", url="https://example.vn/a?b=1&c=2", title="Trang nguồn"):
    return Source(id, "Báo Thử", title, "2025-01-06", "exact", "2026-01-01", url, "press", "")


def catalogue(*, sources=None, digest="d1", years=(2021, 2022, 2023, 2024), reason="đổi cách tính"):
    """A catalogue of one indicator with two definitions and two releases, and targets in 2025 and 2030."""
    titles = {"title_vi": SHARE["vi"], "title_en": SHARE["en"], "short_vi": "Tỷ trọng", "short_en": "Share"}
    licence = "facts from public pages"
    subject = replace(facts.find_indicator("digital_economy_share"), id="share", licence=licence, **titles)

    def history(definition, start, days):
        rows = [
            {"definition": definition, "year": year, "value": start + at, "status": "estimate" if at == len(years) - 1
             else "official", "vintage": days, "source": "page", "break_before": reason if at == 1 else ""}
            for at, year in enumerate(years)
        ]
        return pd.DataFrame(rows)

    path = pd.DataFrame({"year": [2024, 2025, 2030], "value": [13.0, 20.0, 30.0]})
    targets = pd.DataFrame({
        "year": [2025, 2030], "value": [20.0, 30.0], "comparator": ">=", "document": ["411", "57"], "source": "page",
        "document_vi": "Quyết định", "document_en": "Decision", "document_date": "2022-03-31",
        "wording_vi": "tối thiểu", "wording_en": "at least",
    })

    def line(id, name, start):
        about = Definition("share", id, 1, "Cục Thống kê", name, f"{name} (en)", "đếm", "counted", "2020", "", "", "")
        first = history(id, start, "2024-01-31")[:3]
        return Line(
            about,
            (Release("2024-01-31", first, path), Release("2025-01-06", history(id, start + 0.5, "2025-01-06"), path)),
        )

    def series(indicator, area):
        if indicator != "share" or area not in NAMES:
            return None
        place = Area(area, NAMES[area], NAMES[area], "", "province", "", "", "", "", "", "")
        return Series(subject, place, (line("gso", "Tổng cục Thống kê", 10), line("mic", "Bộ TTTT", 14)), targets)

    def names(kind, id):
        if kind == "area":
            return {"id": id, "vi": NAMES[id], "en": NAMES[id], "level": "province"} if id in NAMES else None
        return SHARE if id in ("share", SHARE["vi"]) else None

    known = {"page": source()} | (sources or {})
    return Known(digest, series, names, known.get)


def whole(outputs):
    """An output folder with everything the site shows: verdicts, forecasts, special runs, failures, documents."""
    verdicts = {2023: "missed", 2024: "due", 2025: "open"}
    for year, step in verdicts.items():
        judged = [agreed(2025, step), agreed(2030, "open")]
        leave_run(outputs, "viet-nam", year, judged=judged, findings=["Câu thứ nhất", "Câu thứ hai"])
    leave_run(outputs, "viet-nam", 2023, suffix="--as_of=year-end", judged=[agreed(2025, "missed")])
    leave_run(outputs, "viet-nam", 2025, "20_forecast", tables={"forecast": forecast_rows()})
    leave_run(outputs, "quang-ninh", 2025, judged=[agreed(2025, "no_figure_held")])
    leave_run(outputs, "da-nang", 2025, judged=[agreed(2025, "met")])
    leave_run(outputs, "da-nang", 2025, "90_briefing_year", indicator=None, judged=[agreed(2025, "met")])
    error = nbformat.v4.new_output(
        "error", ename="ValueError", evalue="no figure", traceback=["\x1b[31mno figure\x1b[0m"]
    )
    leave_notebook(outputs / "_failed" / "hue" / "2025" / "10_trend.ipynb", [prose("# Trend"), code("1/0", error)])
    documents = outputs / "viet-nam" / "2025" / "briefing"
    documents.mkdir()
    (documents / "viet-nam-2025.vi.pptx").write_bytes(b"")
    return outputs


class Read(HTMLParser):
    """A page taken apart."""

    VOID = frozenset(("area", "base", "br", "hr", "img", "input", "link", "meta"))

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.wrong, self.blocks = [], [], [], {}
        self.feed(text)
        self.wrong += self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        last = self.tags[-1] if self.tags else ("", {})
        if self.open[-1:] == ["script"] and last[1].get("type") == "application/json":
            self.blocks[last[1]["id"]] = json.loads(data)

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def links(self):
        return [one["href"] for one in self.of("a") if "href" in one]


def build(outputs, known=None):
    return write_site(outputs, known or catalogue()).start.parent


def pages(site):
    return {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))
    }
