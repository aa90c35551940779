"""The words a table's header may use for area, period, value and the rest, in Vietnamese and English."""

from __future__ import annotations

import re

from dxanalysis.facts.names import fold

ROLE_WORDS = {
    "ordinal": "stt|tt|so tt|no|so thu tu",
    "area": "area|areas|province|provinces|ref area|location|region|tinh|thanh pho|tinh thanh|tinh thanh pho|tinh tp|"
    "dia phuong|don vi hanh chinh|dia ban|khu vuc|tinh thanh pho truc thuoc trung uong|xa phuong|quan huyen|country|"
    "quoc gia|nuoc|ten tinh|ten dia phuong",
    "period": "period|time|time period|date|year|years|nam|ky|thoi gian|thoi ky|thoi diem|ngay|nam bao cao",
    "month": "month|thang",
    "quarter": "quarter|quy",
    "value": "value|obs value|gia tri|so lieu|gia tri so lieu|ket qua|so luong|observation",
    "indicator": "indicator|indicators|chi tieu|chi so|ten chi tieu|ma chi tieu|series|variable|bien",
    "definition": "definition|cach tinh|dinh nghia|phuong phap|definition id",
    "unit": "unit|units|unit measure|don vi tinh|dvt|don vi do|unit of measure",
    "status": "status|obs status|trang thai|tinh trang|loai so lieu",
    "vintage": "vintage|published|release|ngay cong bo|lan cong bo|cong bo",
    "source": "source|sources|nguon|nguon so lieu|nguon tai lieu",
    "qualifier": "qualifier|dau|khoang",
    "note": "note|notes|ghi chu|comment|remarks|chu thich",
    "area_code": "code|ma tinh|ma dia phuong|ma dvhc|ma don vi|ma so|area code|province code|ma",
}
_ROLE_OF = {fold(word): role for role, words in ROLE_WORDS.items() for word in words.split("|")}


def role_of(header: str) -> str:
    """Return the role a header word names, or "".

    A unit in brackets is looked past; a header may say it in two languages.

    >>> role_of("Tỉnh/Thành phố"), role_of("Giá trị (%)"), role_of("Tỉnh, thành phố - Province"), role_of("Doanh thu")
    ('area', 'value', 'area', '')
    """
    words = fold(re.sub(r"\([^)]*\)\s*$", "", header)).split(" ")
    if " ".join(words) in _ROLE_OF:
        return _ROLE_OF[" ".join(words)]
    halves = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, min(len(words), 12))]
    return next((_ROLE_OF[a] for a, b in halves if a in _ROLE_OF and _ROLE_OF[a] == _ROLE_OF.get(b)), "")


def unit_in_brackets(text: str) -> str:
    """Return the unit a title or header gives in brackets or after "Đơn vị tính:", or "".

    >>> unit_in_brackets("Tỷ trọng kinh tế số (%)"), unit_in_brackets("Đơn vị tính: tỷ đồng"), unit_in_brackets("GRDP")
    ('%', 'tỷ đồng', '')
    """
    named = re.search(r"(?i)(?:đơn vị tính|đơn vị|đvt|unit)\s*:\s*([^()]+?)\s*\)?\s*$", text)
    if named:
        return named.group(1)
    bracket = re.search(r"\(([^()]{1,30})\)\s*$", text.strip())
    return bracket.group(1).strip() if bracket and not re.search(r"\d{4}", bracket.group(1)) else ""
