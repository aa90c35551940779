"""Read statements as a reader would, from their words alone, and find those that contradict each other or the record.

Nothing here uses the code that wrote the sentences: states, years, words of likelihood and numbers are taken out of the
text again, in both languages, and held against one another and against the record of judgements.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

CLOSED = ("met", "missed", "cannot_tell")
SCALE = (
    ("exceptionally unlikely", 0.0, 0.01), ("very unlikely", 0.0, 0.10), ("unlikely", 0.0, 0.33),
    ("about as likely as not", 0.33, 0.66), ("virtually certain", 0.99, 1.0), ("very likely", 0.90, 1.0),
    ("likely", 0.66, 1.0),
)
STATES = {
    "en": (
        ("cannot_tell", r"whether the (\d{4}) target .*cannot be told|whether the (\d{4}) target .*was met cannot"),
        ("cannot_tell", r"the (\d{4}) target .*was closed with|target for (\d{4}) [^:]*: closed with the former area"),
        ("missed", r"the (\d{4}) target[^;]*? was not met|did not meet the (\d{4}) target"),
        ("met", r"the (\d{4}) target[^;]*? was met:|met the (\d{4}) target"),
        ("missed", r"target [^;]*\((\d{4})\): [^;]*; not met$"), ("met", r"target [^;]*\((\d{4})\): [^;]*; met$"),
        ("cannot_tell", r"target [^;]*\((\d{4})\): [^;]*; (?:not enough evidence|closed with the former area)$"),
        ("due", r"the year (\d{4}) is over and its figure is not held|no figure (?:for|held for) (\d{4})\b"),
        ("at_level", r"already at the level of the (\d{4}) target"),
        ("open", r"^target for (\d{4}) \([^)]*\): the latest figure|short of the (\d{4}) target"),
    ),
    "vi": (
        ("cannot_tell", r"chưa đủ căn cứ kết luận (?:về )?mục tiêu (?:năm )?(\d{4})"),
        ("cannot_tell", r"mục tiêu (?:năm )?(\d{4}) .*kết thúc cùng đơn vị"),
        ("missed", r"mục tiêu năm (\d{4}) \([^)]*\) chưa đạt|chưa đạt mục tiêu (\d{4})"),
        ("met", r"mục tiêu năm (\d{4}) \([^)]*\) đã đạt|(?<!chưa) đạt mục tiêu (\d{4}):"),
        ("missed", r"mục tiêu [^;]*\((\d{4})\): [^;]*; chưa đạt$"),
        ("met", r"mục tiêu [^;]*\((\d{4})\): [^;]*; đạt$"),
        ("cannot_tell", r"mục tiêu [^;]*\((\d{4})\): [^;]*; (?:chưa đủ căn cứ kết luận|kết thúc cùng [^;]*)$"),
        ("due", r"năm (\d{4}) đã qua nhưng|không có số liệu của năm (\d{4})|chưa có số liệu năm (\d{4})"),
        ("at_level", r"đã ở mức mục tiêu (?:năm )?(\d{4})"),
        ("open", r"^mục tiêu năm (\d{4}) \([^)]*\): số liệu gần nhất|so với mục tiêu (\d{4})$"),
    ),
}
PROGRESS = re.compile(
    r"on track|acceleration needed|limited progress|moving away|robust|no clear change"
    r"|đúng tiến độ|cần tăng tốc|tiến triển hạn chế|giảm so với kỳ trước|kết luận vững|chưa vững"
)
FORBIDDEN = (
    (r"has been adopted|được ban hành đối|not yet (?:been )?published|chưa được công bố", "claims what is not known"),
    (r"\bby 0 |thiếu 0 |vượt 0 ", "a distance of zero told as one"),
    (r"no method can judge|chưa đủ số liệu để bất kỳ", "silence"),
    (r"(?<![\d.,])1 (?:indicators|figures|targets|years|areas|releases|families|reports|places|cases)\b", "plural"),
    (r"(?<![\d.,])1 (?:indicator|figure|target|year|area|case)s? are\b", "plural"),
    (r"took its place and has targets of its own", "claims what is not known"),
    (r"\bin The\b|% per year in", "grammar"), (r"(?<![\d.,])0 (?:still|missed|met|open|achieved)", "a count of zero"),
    (r"peers", "peers named without their number"),
)
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_NUMBER = re.compile(r"(?<![\w.,])[−+]?\d[\d.,]*\d|(?<![\w.,])[−+]?\d")


@dataclass(frozen=True)
class Statement:
    """One sentence, title or cell in both languages, with where it stands and what it is about."""

    where: str
    area: str
    indicator: str
    year: int
    vi: str
    en: str


@dataclass(frozen=True)
class Contradiction:
    """Two statements, or a statement and the record, that cannot both hold."""

    kind: str
    where: str
    text: str


def states_said(text: str, lang: str) -> dict[int, str]:
    """Return the state a text gives to each target year."""
    found: dict[int, str] = {}
    for state, pattern in STATES[lang]:
        for match in re.finditer(pattern, text.lower()):
            year = next(int(group) for group in match.groups() if group)
            found.setdefault(year, state)
    return found


def numbers_said(text: str, lang: str) -> Counter[str]:
    """Return the numbers of a text with English marks, those of dates left out."""
    text = re.sub(r"\d{2}/\d{2}/\d{4}|\d{1,2}/\d{4}|\d{1,2} [A-Z][a-z]+ \d{4}|" + _MONTH + r" \d{4}", " ", text)
    text = re.sub("(?i)five-star", "5 star", text)
    text = re.sub(r"(\d+)/(\d+)", r"\1 \2", text).replace("−", "-")
    swap = str.maketrans(",.", ".,") if lang == "vi" else {}
    found = [one.translate(swap).replace(",", "").lstrip("+") for one in _NUMBER.findall(text)]
    return Counter(one.rstrip("0").rstrip(".") if "." in one else one for one in found)


def check(statements: Iterable[Statement], record: pd.DataFrame) -> list[Contradiction]:
    """Return every contradiction among statements and between them and the record of the same area and year."""
    rows = {(row.area, row.indicator, int(row.year), int(row.target_year)): row for row in record.itertuples()
            if pd.notna(row.target_year)}
    found: list[Contradiction] = []
    for one in statements:
        found += [Contradiction(kind, one.where, text) for kind, text in _alone(one)]
        found += [Contradiction(kind, one.where, text) for kind, text in _against(one, rows)]
    return found


def _alone(one: Statement) -> Iterator[tuple[str, str]]:
    for lang, text in (("vi", one.vi), ("en", one.en)):
        for pattern, kind in FORBIDDEN:
            if re.search(pattern, text):
                yield kind, text
        del lang
    vi, en = states_said(one.vi, "vi"), states_said(one.en, "en")
    if vi != en:
        yield "languages: state", f"{vi} {en}: {one.vi} | {one.en}"
    digits = [numbers_said(text, lang) for text, lang in ((one.vi, "vi"), (one.en, "en"))]
    words = r"trong một năm|within a single year|khoảng một nửa"
    if digits[0] != digits[1] and not re.search(words, one.vi + one.en):
        yield "languages: numbers", f"{one.vi} | {one.en}"
    match = re.search(r"is ((?:\w+ )*?(?:likely|unlikely|certain|not)) \(probability (?:under |over )?(\d+)%\)", one.en)
    if match:
        low, high = next((low, high) for word, low, high in SCALE if match[1] == word)
        if not low - 0.006 <= int(match[2]) / 100 <= high + 0.006:
            yield "word against probability", one.en


def _against(one: Statement, rows: dict[tuple[str, str, int, int], object]) -> Iterator[tuple[str, str]]:
    for year, state in states_said(one.en, "en").items():
        row = rows.get((one.area, one.indicator, one.year, year))
        if row is not None and row.state != state:
            yield "two states of one target", f"{row.state} in the record: {one.en}"
    for year in map(int, re.findall(r"\b(20\d\d|2100)\b", one.en)):
        row = rows.get((one.area, one.indicator, one.year, year))
        if row is None or not re.search(rf"target for {year}|the {year} target", one.en, re.IGNORECASE):
            continue
        if row.state in CLOSED and PROGRESS.search(one.en + one.vi):
            yield "progress word for a closed target", one.en
        sharp = re.search(r"probability (under|over)? ?(\d+)%", one.en) if row.n < 6 else None
        if sharp and (sharp[1] or not 10 <= int(sharp[2]) <= 90):
            yield "sharper than the evidence", one.en
        far = re.search(r"(\bshort of it|\bbeyond it|\bexactly at it)", one.en)
        if far and pd.notna(row.missing):
            sign = {"short of it": 1, "beyond it": -1, "exactly at it": 0}[far[1]]
            if sign != (row.missing > 1e-9) - (row.missing < -1e-9):
                yield "sign of the distance", one.en
    expected = re.search(r"Expected year of reaching [^:]*: (\d{4})", one.en)
    known = [row for key, row in rows.items() if key[:3] == (one.area, one.indicator, one.year)]
    if (
        expected
        and known
        and int(expected[1]) <= max(int(row.figure_year) for row in known if pd.notna(row.figure_year))
    ):
        yield "expected year before the last figure", one.en


def check_record(record: pd.DataFrame) -> list[Contradiction]:
    """Return the rows of a record that contradict themselves."""
    found = []
    for row in record.itertuples():
        where = f"{row.area}/{row.year}/{row.indicator}/{row.target_year}"
        sign = {">=": 1, ">": 1, "<=": -1, "<": -1}.get(row.comparator, row.direction)
        tests = {
            "progress word for a closed target": row.state in CLOSED and (row.step or row.judged),
            "outlook of a closed target": row.state in CLOSED and (row.word or pd.notna(row.outlook)),
            "sharper than the evidence": row.n < 6 and pd.notna(row.outlook) and not 0.1 <= row.outlook <= 0.9,
            "expected year before the last figure": pd.notna(row.expected_year)
            and row.expected_year <= row.figure_year,
            "expected year of a kind without one": row.kind in ("rank", "growth_rate") and pd.notna(row.expected_year),
            "median against probability": pd.notna(row.outlook) and pd.notna(row.median) and sign != 0
            and abs(row.outlook - 0.5) > 0.02 and (row.outlook > 0.5) != (sign * (row.median - row.target) >= 0),
            "expected year against probability": pd.notna(row.outlook) and pd.notna(row.expected_year)
            and row.expected_year > row.target_year and row.outlook > 0.52,
            "missing against the state": pd.notna(row.missing) and (
                (row.state == "met" and row.missing > 1e-9) or (row.state == "missed" and row.missing <= 1e-9)
                or (row.state == "open" and row.missing < -1e-9)),
            "known later than the day asked for": bool(row.as_of) and str(row.known_on) > str(row.as_of),
            "figure later than the year": pd.notna(row.figure_year) and row.figure_year > row.year,
            "robust without agreement": row.robust and not (row.sensitivity >= 0.9 and row.judged >= 2 and row.n >= 4),
            "no basis where open or due": row.state in ("open", "due", "at_level") and row.word and not row.basis,
        }
        found += [Contradiction(kind, where, str(row)) for kind, wrong in tests.items() if wrong]
    return found
