"""Small valid files of every format: mutation starts from them, so that it gets past the first check."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from functools import lru_cache
from pathlib import Path

from dxanalysis.delivery.capsule import write_capsule

CSV = "Bảng 1. Tỷ trọng kinh tế số (%)\nTỉnh;2020;2021\nQuảng Ninh;1,5;2\nHà Nội;…;1.234,5\nNguồn: Cục Thống kê;;\n"
LONG = 'area,year,value,unit\nquang-ninh,2023,12.5,percent\n"Hà Nội",Q1/2024,"1,234.5",%\n'
PX = """CHARSET="ANSI";
AXIS-VERSION="2006";
CODEPAGE="utf-8";
LANGUAGE="vi";
LANGUAGES="vi","en";
UNITS="%";
TITLE="Dân số "
"theo địa phương";
STUB="Tỉnh","Giới tính";
HEADING="Năm";
VALUES("Tỉnh")="Hà Nội","Quảng Ninh";
VALUES("Giới tính")="Tổng số","Nam";
VALUES("Năm")="2021","Sơ bộ 2022";
TIMEVAL("Năm")=TLIST(A1),"2021","2022";
CODES("Tỉnh")="01","22";
STUB[en]="Province","Sex";
SOURCE="Cục Thống kê";
DATA=
8330.8 8435.7 ".." 4100
1350.9 "..." - .;
"""
JSONSTAT = json.dumps(
    {
        "class": "dataset", "version": "2.0", "label": "Internet", "id": ["geo", "t", "m"], "size": [2, 2, 1],
        "role": {"time": ["t"], "geo": ["geo"], "metric": ["m"]},
        "dimension": {
            "geo": {"category": {"index": {"22": 1, "01": 0}, "label": {"01": "Hà Nội", "22": "Quảng Ninh"}}},
            "t": {"category": {"index": ["2020", "2021"]}},
            "m": {"category": {"label": {"users": "Users"}, "unit": {"users": {"base": "percent"}}}},
        },
        "value": [70.5, None, 60, 65], "status": {"3": "p"},
    }
)
SDMX_CSV = """DATAFLOW,FREQ,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE
AG:DF(1.0),A,VN: Viet Nam,IT: Internet users,2022,78.6,A,PT
AG:DF(1.0),Q,VN: Viet Nam,IT: Internet users,2024-Q1,79.1,P,PT
"""
SDMX_ML = """<?xml version="1.0" encoding="UTF-8"?>
<m:GenericData xmlns:m="urn:m" xmlns:g="urn:g"><m:DataSet>
<g:Series><g:SeriesKey><g:Value id="REF_AREA" value="VN"/><g:Value id="INDICATOR" value="IT"/></g:SeriesKey>
<g:Attributes><g:Value id="UNIT_MEASURE" value="PT"/></g:Attributes>
<g:Obs><g:ObsDimension value="2022"/><g:ObsValue value="78.6"/></g:Obs>
</g:Series></m:DataSet></m:GenericData>
"""
SDMX_FLAT = """<m:D xmlns:m="urn:m"><m:DataSet>
<Obs REF_AREA="VN" INDICATOR="IT" UNIT_MEASURE="PT" TIME_PERIOD="2022" OBS_VALUE="78.6"/>
</m:DataSet></m:D>"""
DESCRIPTOR = json.dumps({"name": "mine", "resources": [{"name": "observations", "path": "observations.csv"}]})
OBSERVATIONS = (
    "indicator,definition,area,period,value,unit,status,vintage,source,qualifier,vintage_basis,conflict,fact,note,raw\n"
    "digital_economy_share,province,quang-ninh,2025,8.2,percent,reported,2026-02-01,founding-article,=,exact,,,,own\n"
)
CELL = '''"""What runs."""
from typing import Literal
area: str = "quang-ninh"
year: int = 2025
lang: Literal["vi", "en"] = "vi"
growth: float | None = None
codes: list[str] = ["01", "22"]
more: "dict" = {"a": [1, 2.5, None]}
as_of = "latest"  # one of: latest, year-end
sheet: str
'''
MATRIX = """default:
  notebooks: [10_trend, 30_attainment]
  parameters: {area: quang-ninh, year: 2021-2025}
  runs:
    - {area: "02"}
  per_notebook: {n: {year: [2023, 2025]}}
  exclude: [{area: hai-phong, year: 2025}]
"""
NOTEBOOK = json.dumps(
    {
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3"}, "batch": {"inputs": ["../data/*.csv"]}},
        "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Title\n", "text"]},
            {"cell_type": "code", "id": "b", "metadata": {"tags": ["parameters"]}, "source": 'area = "01"\nyear = 2025',
             "outputs": [], "execution_count": None},
            {"cell_type": "code", "id": "c", "metadata": {}, "source": "%matplotlib inline\nimport os", "outputs": [
                {"output_type": "error", "ename": "E", "evalue": "v"}], "execution_count": 1},
        ],
    }
)
RUN = json.dumps(
    {
        "notebook": "30_attainment", "parameters": {"area": "quang-ninh", "year": 2025}, "command": "dx run",
        "about": {"area": {"id": "quang-ninh", "vi": "Quảng Ninh", "en": "Quảng Ninh"},
                  "indicator": {"id": "x", "vi": "Tỷ trọng", "en": "Share", "unit": "percent", "unit_vi": "%",
                                "unit_en": "%", "decimals": 1}},
        "data_digest": "d1", "tables": ["pace"],
        "charts": [{"name": "trend", "function": "trend",
                    "vi": {"alt": "a", "files": ["trend.vi.png"], "thumbnail": "trend.vi.jpg"},
                    "en": {"alt": "a", "files": ["trend.en.png"]}}],
    }
)
FACTS = json.dumps({"headline": {"vi": "Đạt", "en": "Met"}, "findings": [{"vi": "Một", "en": "One"}]})
PACE = "﻿target_year,target,last_year,last,gap,years_left\n2025,20,2024,7.1,12.9,1\n"
SVG = """<?xml version="1.0" encoding="utf-8"?><svg xmlns="http://www.w3.org/2000/svg"><metadata>
<rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<dc:description>{"command": "dx run"}</dc:description></rdf:RDF></metadata></svg>"""
PDF = b'%PDF-1.4\n1 0 obj\n<< /Title (T) /Keywords ({"command": "dx \\(run\\)", "a": 1}) >>\nendobj\n'
RECORD = """<?xml version="1.0" encoding="UTF-8"?>
<provenance>{"command": "dx briefing", "parameters": {"year": 2025}}</provenance>"""


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return an archive with these parts."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return held.getvalue()


@lru_cache(maxsize=1)
def xlsx() -> bytes:
    """Return a small workbook: a merged heading, figures, a formula, a date and a sheet of sources."""
    import datetime as dt

    import openpyxl

    book, held = openpyxl.Workbook(), io.BytesIO()
    book.properties.created = book.properties.modified = dt.datetime(2020, 1, 1)
    page = book.active
    page.title = "Số liệu"
    for row in (["Bảng 1 (%)", None, None], ["Tỉnh", "Năm", "Giá trị"], ["Quảng Ninh", 2023, 12.5],
                ["Hà Nội", dt.date(2024, 6, 30), 0.5], ["Huế", "Q1/2024", "=1+1"]):
        page.append(row)
    page.merge_cells("A1:C1")
    page["C4"].number_format = "0.0%"
    sources = book.create_sheet("Nguồn")
    sources.append(["Mã nguồn", "Cơ quan công bố", "Tên tài liệu", "Ngày công bố", "Địa chỉ", "Loại nguồn"])
    sources.append(["gso-1", "Cục Thống kê", "Niên giám", "30/06/2024", "https://example.vn", "official"])
    book.save(held)
    return held.getvalue()


@lru_cache(maxsize=1)
def png() -> bytes:
    """Return a small picture with its provenance inside."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    about, held = PngInfo(), io.BytesIO()
    about.add_text("Provenance", '{"command": "dx run"}')
    Image.new("RGB", (3, 2), "white").save(held, "PNG", pnginfo=about)
    return held.getvalue()


def capsule(folder: Path) -> bytes:
    """Return a capsule of one run that has left one table."""
    table = b"year\n2025\n"
    run = {"output": "quang-ninh", "notebook": "10_trend.ipynb", "parameters": {"year": 2025}}
    run["outputs"] = {"t.csv": hashlib.sha256(table).hexdigest()}
    files = {"code/notebooks/10_trend.ipynb": b"{}", "outputs/quang-ninh/t.csv": table}
    return write_capsule(folder / "sample.zip", files, {"runs": [run]}).read_bytes()


@lru_cache(maxsize=1)
def office() -> bytes:
    """Return the part of an office file that holds its provenance, as an archive."""
    return zipped({"customXml/dxanalysis.xml": RECORD.encode(), "[Content_Types].xml": b"<Types/>"})
