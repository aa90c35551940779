"""What the user answers about a file, what gathers while it is matched, and which area each figure is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.package import open_package
from dxanalysis.facts.records import Indicator
from dxanalysis.facts.schema import Problem
from dxanalysis.facts.schema import fields as table_fields
from dxanalysis.facts.understand.numbers import status_id
from dxanalysis.facts.understand.reading import Question, Reading, Unclear
from dxanalysis.facts.understand.roles import (
    AGGREGATES,
    Places,
    area_codes,
    choose_area,
    country,
    is_region,
    is_total,
    near_area,
    nearest,
    share_known,
)

SHOWN = 50
PASSED = ("definition", "vintage", "source", "qualifier", "note")
SILENT = (*PASSED, "period", "unit", "multiplier", "status", "attribute", "ordinal")


@dataclass(frozen=True)
class Answers:
    """What the user says about a file: each answers the question of its name, and none overrules the file.

    Attributes
    ----------
    indicator : str, mapping or Indicator
        Id or title, printed name -> id, or a record of `measure`.
    area, definition, period : str
        Which area, definition or period is wanted, or meant where the file does not say.
    unit : str
        Unit of the figures, in words ("Nghìn người", "%"), where the file does not say.
    scale : float
        What printed values are multiplied by; 1 keeps them as they are.
    where : mapping
        Dimension -> the category to take; "*" takes all.
    boundaries : "period", "before-2025" or "since-2025"
        Which province a name shared before and after 1 July 2025 means; by default the figure's period decides.
    code_list : "vn63" or "vn34"
        Code list of bare area codes; seven codes mean another province in each.
    """

    indicator: str | Mapping[str, str] | Indicator | None = None
    area: str | None = None
    definition: str | None = None
    period: str | None = None
    unit: str | None = None
    scale: float | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    boundaries: str = "period"
    code_list: str | None = None

    def __post_init__(self) -> None:
        number = isinstance(self.scale, int | float) and not isinstance(self.scale, bool)
        if self.scale is not None and not (number and 0 < self.scale < float("inf")):
            raise ValueError(f"scale must be a number above 0 (1 keeps the values); received {self.scale!r}.")


ANSWERS = tuple(one.name for one in fields(Answers))


@dataclass(frozen=True)
class Preview:
    """What was understood of a file, before anything is written.

    Attributes
    ----------
    file : str
        Name of the file.
    table : DataFrame
        One row per figure in the columns of observations (text "" where the file says nothing), then row and column
        in the file.
    understood : tuple of str
        Sentences to show: format, header, decimal sign, areas, conversions, and what was left out and why.
    questions : mapping
        Name of an answer that is still needed -> the question.
    problems : tuple of Problem
        Faults; a file with faults is never written.
    records : mapping
        Rows for other tables ("indicators", "sources", "areas", "definitions") that the file itself gives.
    selected : str
        What an answer chose among several areas of the file, "" where it chose nothing.
    """

    file: str
    table: pd.DataFrame
    understood: tuple[str, ...] = ()
    questions: Mapping[str, Question] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    records: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    selected: str = ""

    def refuse_open(self, *allowed: str) -> None:
        """Raise `Unclear` where a question other than the allowed ones is open."""
        left = {name: question for name, question in self.questions.items() if name not in allowed}
        if left:
            raise Unclear(self.file, left)


@dataclass
class Work:
    """What gathers while a reading is matched: notes, problems and questions."""

    reading: Reading
    file: str
    answers: Answers
    records: dict[str, pd.DataFrame]
    used: set[str] = field(default_factory=set)
    selected: str = ""

    def __post_init__(self) -> None:
        for dimension, role in self.reading.roles.items():
            words = [w for w in self.reading.shown(dimension).unique().tolist()[:500] if w] if role == "status" else []
            if words and share_known(words, lambda word: status_id(word) is not None) < 0.5:  # "Nature" of INSEE
                roles = {name: held for name, held in self.reading.roles.items() if name != dimension}
                self.reading = replace(self.reading, roles=roles)
        self.notes: list[str] = list(self.reading.notes)
        self.problems: list[Problem] = list(self.reading.problems)
        self.questions: dict[str, Question] = dict(self.reading.questions)

    def known(self, name: str) -> pd.DataFrame:
        """Return a catalogue table with the rows this file adds."""
        shipped = open_package().tables[name]
        own = self.records.get(name)
        return shipped if own is None else pd.concat([shipped, own], ignore_index=True)

    @cached_property
    def places(self) -> Places:
        """Areas of the catalogue and countries of the world."""
        return Places(self.known("areas"))

    def fault(self, cells: pd.DataFrame, column: str, value: str, message: str, cure: str) -> None:
        """Note one problem at the first of these cells."""
        row = int(cells["row"].iloc[0]) if len(cells) else 0
        self.problems.append(Problem(self.file, row, column, value[:80], message, cure))

    def ask(self, name: str, text: str, cells: tuple[str, ...] = (), answers: tuple[str, ...] = ()) -> None:
        """Note an open question; the first of a name stays."""
        self.questions.setdefault(name, Question(text, cells, answers))

    def header(self, dimension: str) -> str:
        """Return a dimension as the file's header writes it."""
        return self.reading.headers.get(dimension, dimension)

    def dimension(self, name: str) -> str:
        """Return the dimension that a user's word names: our name for it, or its header, accents aside."""
        held = [*self.reading.dimensions]
        return next((d for d in held if name in (d, self.header(d))),
                    next((d for d in held if fold(name) in (fold(d), fold(self.header(d)))), ""))

    def by_content(self, role: str, known: Callable[[str], bool]) -> str:
        """Return the dimension with the largest share of known words; a stated role decides between equals."""
        barred = {d for d, given in self.reading.roles.items() if given in SILENT and given != role} | {"period"}
        scores = {}
        for d in self.reading.dimensions:
            if (
                d in barred
                or d in self.used
                or self.reading.roles.get(d, role) not in (role, f"{role}_code", "area_code")
            ):
                continue
            words = [word for word in self.reading.shown(d).unique().tolist() if word]
            held = share_known(words[:500], known)
            codes = share_known(list(self.reading.labels.get(d, {}))[:500], known)
            scores[d] = (max(held, codes), self.reading.roles.get(d) == role)
        best = max(scores, key=scores.__getitem__, default="")
        return best if best and scores[best][0] >= 0.5 else ""


def refuse_names(
    work: Work, cells: pd.DataFrame, words: pd.Series, unknown: list[str], names: Mapping[str, Any], told: tuple
) -> None:
    """Note the unknown names one by one, the nearest known name with each; of very many the rest is counted."""
    dimension, kind, cure = told
    for word in unknown[:SHOWN]:
        work.fault(cells[words == word], dimension, word, f"no such {kind}.", f"{nearest(word, names)}{cure}")
    if len(unknown) > SHOWN:
        work.fault(cells.head(0), dimension, "", f"{len(unknown) - SHOWN:,} more names are no {kind}.", cure)


def listed(words: list[str], most: int = 5) -> str:
    """Return the first words of a list and how many more there are."""
    shown = ", ".join(str(word)[:40] for word in words[:most])
    return f"{shown} and {len(words) - most} more" if len(words) > most else shown


# ---------------------------------------------------------------- which area


LAST_OLD_DAY = "2025-06-30"


def place_areas(work: Work, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the wanted areas, with the id in the column ``_area``."""
    places, answer = work.places, work.answers.area
    asked = places.find(answer) if answer else []
    if answer and not asked:
        work.fault(cells, "area", answer, "no such area.", f"{nearest(answer, places.names)}List them: dx data list.")
        return cells.assign(_area="")
    dimension = work.by_content("area", places.knows) or next(
        (
            d
            for role in ("area", "area_code")
            for d, r in work.reading.roles.items()
            if r == role and d not in work.used
        ),
        "",
    )
    dimension = dimension or next((d for d in work.used if work.reading.roles.get(d) == "area"), "")
    if not dimension:
        if not answer:
            work.ask("area", "the file names no area: answer its name or id.", answers=("viet-nam",))
        chosen = [choose_area(asked, p, work.answers.boundaries) if asked else "" for p in cells["_period"]]
        return cells.assign(_area=pd.Series(chosen, index=cells.index, dtype="str"))
    chosen = dimension in work.used
    work.used.add(dimension)
    words = work.reading.shown(dimension).loc[cells.index]
    if chosen and words.nunique() == 1 and not places.knows(words.iloc[0]):
        if not asked:
            work.ask("area", f"'{words.iloc[0]}' is no area of the catalogue: what is it here?", answers=("viet-nam",))
            return cells.assign(_area="")
        work.notes.append(f"'{words.iloc[0]}' is taken for {answer}, as answered.")
        return cells.assign(_area=asked[0][0])
    if len(words) and words[words != ""].str.fullmatch(r"\d{1,2}").all():
        return _coded(work, cells, words)
    cells = cells.assign(_area=_matched(work, words, cells["_period"], asked))
    if answer:
        return _chosen_area(work, cells, words, {candidate[0] for candidate in asked})
    return _known_areas(work, cells, words, dimension)


def _coded(work: Work, cells: pd.DataFrame, words: pd.Series) -> pd.DataFrame:
    if work.answers.code_list not in ("vn63", "vn34"):
        text = "areas are bare codes, which differ before and after 2025: answer 'vn63' or 'vn34'."
        work.ask("code_list", text, tuple(words.unique()[:3]), ("vn63", "vn34"))
        return cells.assign(_area=words)
    names = area_codes(work.known("areas"), work.answers.code_list)
    words = words.str.zfill(2)
    unknown = [word for word in words.unique() if word not in names]
    refuse_names(work, cells, words, unknown, names, ("area", "area", "List areas: dx data list --areas."))
    return cells.assign(_area=words.map(lambda word: names[word][0][0] if word in names else "").astype("str"))


def _matched(work: Work, words: pd.Series, periods: pd.Series, asked: list[tuple[str, str, str]]) -> pd.Series:
    """Return the area id of each cell, "" where its word names none; a total of parts stands for their country."""
    found = {word: work.places.find(word) for word in words.unique()}
    country_asked = bool(asked) and (asked[0][0] == "viet-nam" or country(work.answers.area or "") is not None)
    nation = "viet-nam" if work.places.vietnamese(found) else asked[0][0] if country_asked else ""
    if nation and not any(c and c[0][0] == nation for c in found.values()):
        found |= {w: [(nation, "", "")] for w, c in found.items() if not c and (is_total(w) or (not w and asked))}
    codes = [f"{w} ({c[0][0]})" for w, c in found.items() if c and len(w) == 2 and w.isupper() and country(w)]
    if codes:
        work.notes.append(f"Two letters are read as codes of countries (ISO 3166): {listed(codes)}.")
    boundaries = work.answers.boundaries
    areas = words.map({word: candidates[0][0] if candidates else "" for word, candidates in found.items()})
    shared = sorted(w for w, c in found.items() if len(c) > 1)
    if shared:
        # A period that lists Bắc Giang, which ended with June 2025, is told in the old provinces throughout.
        gone = {w for w, c in found.items() if len(c) == 1 and "" < c[0][2] <= LAST_OLD_DAY}
        ended = set(periods[words.isin(gone)].unique()) if boundaries == "period" else set()
        both = pd.MultiIndex.from_arrays([words, periods])
        chosen = {(w, p): choose_area(found[w], p, "before-2025" if p in ended else boundaries)
                  for w, p in both[words.isin(shared)].unique()}
        areas = pd.Series([chosen.get(pair, area) for pair, area in zip(both, areas, strict=True)], words.index, "str")
        how = "the period decides" if boundaries == "period" else boundaries
        text = ", ".join(shared[:5])
        work.notes.append(f"{len(shared)} names are shared by provinces before and after 1 July 2025 ({text}): {how}.")
    _describe_countries(work, {w for w, c in found.items() if c})
    return areas.astype("str")


def _describe_countries(work: Work, words: set[str]) -> None:
    """Add a row to the areas for each country the catalogue does not hold."""
    held = set(work.known("areas")["id"])
    abroad = {one.id: one for one in map(country, words) if one and one.id not in held}
    if abroad:
        rows = [
            {"id": one.id, "name_vi": one.name_vi, "name_en": one.name_en, "level": "nation"} for one in abroad.values()
        ]
        new = pd.DataFrame(rows).reindex(columns=list(table_fields("areas")), fill_value="").astype("str")
        work.records["areas"] = pd.concat([work.records.get("areas", new.head(0)), new], ignore_index=True)


def _chosen_area(work: Work, cells: pd.DataFrame, words: pd.Series, asked: set[str]) -> pd.DataFrame:
    """Return the cells of the area the user names; where the file is about others only, that is a question."""
    chosen = cells["_area"].isin(asked)
    others = words[~chosen].unique().tolist()
    if not chosen.any() and not cells["_area"].any():
        _ask_place(work, words)
    elif not chosen.any():
        names = {row.id: row.name_vi for row in work.known("areas").itertuples()}
        answers = tuple(id for id in cells["_area"].unique() if id)[:3]
        wanted = names.get(next(iter(asked)), work.answers.area)
        work.ask("area", f"the file is about {listed(others)}, not about {wanted}.", answers=answers)
    elif others:
        work.selected = f"{len(others)} other areas: {listed(others)}"
        work.notes.append(f"{int((~chosen).sum())} figures of {work.selected} left out.")
    return cells[chosen]


def _ask_place(work: Work, words: pd.Series) -> None:
    """Ask which of places that nobody knows is meant; the answer to "area" then says what it is."""
    held, name = words.unique().tolist(), work.header(str(words.name))
    text = f"'{name}' names places the catalogue does not hold: {listed(held)}. Choose one, and say with area=... "
    picks = tuple(f"{{{name!r}: {word!r}}}" for word in held[:3])
    work.ask("where", f"{text}what it is called here.", answers=picks)


def _known_areas(work: Work, cells: pd.DataFrame, words: pd.Series, dimension: str) -> pd.DataFrame:
    """Return the cells whose area is known; regions and groups are left out and said, slips of the pen are faults."""
    unknown = list(words[cells["_area"] == ""].unique())
    home = work.places.vietnamese(words.unique())
    regions = [word for word in unknown if home and is_region(word)]
    rest = [word for word in unknown if word not in regions]
    known = words.nunique() - len(unknown)
    slips = [w for w in rest if home or near_area(w, work.places.names)]
    if known < len(rest) and not slips:
        _ask_place(work, words[cells["_area"] == ""])
        work.ask("area", "the file names no area of the catalogue: answer its name or id.", answers=("viet-nam",))
        return cells
    left = [w for w in rest if w not in slips or fold(w) in AGGREGATES]
    cure = "List areas: dx data list --areas; or leave the row out."
    refuse_names(work, cells, words, [w for w in slips if w not in left], work.places.names, (dimension, "area", cure))
    for some, what in ((regions, "regions"), (left, "groups and places that are no country")):
        if some:
            count = int((words.isin(some) & cells["value"].notna()).sum())
            work.notes.append(
                f"{count} figures of {what} left out, which the catalogue does not hold: {listed(some, 9)}."
            )
    return cells[~words.isin([*regions, *left])]
