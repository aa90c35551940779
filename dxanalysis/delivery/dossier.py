"""What an office's files say about one area and year: judged targets with their figures, each number printed once.

Report, deck, note, workbook, form and pages read the same :class:`Dossier`, so a target has one state, one distance
and one wording wherever it is met. Nothing here concludes anything: states come from the judgement table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from ..briefing import labels, numbers, target_sentences
from ..briefing.judged import target_text
from ..briefing.quotes import Finding, Measure, printed
from ..facts import catalogue
from ..facts.history import load_history
from ..facts.package import compiler_on
from ..facts.records import Area, Definition, Document, Indicator
from .phrases import known, place_name, text, title_in

# The cities under the central government (Law on Organization of Local Government, 2025); the others are provinces.
_CITIES = ("ha-noi", "hai-phong", "hue", "da-nang", "can-tho", "tp-ho-chi-minh")
PILLARS = ("digital_government", "digital_economy", "digital_society", "data", "context")
_NAMED = 6  # documents a report names as its basis: the others stand in the workbook
_SHOWN_YEARS = 5  # the term of a plan: columns of results, and years a plan looks ahead
# What a history of an office's own may leave out.
_PLAIN = {
    "qualifier": "=", "status": "reported", "source": "", "break_before": "", "break_before_vi": "", "caveats": "",
}
# What a caveat says of how exactly a figure is known, the strictest first.
_BOUNDS = {"lower_bound": "over", "upper_bound": "under", "rounded": "about"}
_SYMBOLS = {">=": "≥ ", ">": "> ", "<=": "≤ ", "<": "< "}
# How a state is called in the appendix of a report, from the state and the sign of what is missing.
_ASSESSED = {"no_figure_held": "no_figure", "no_target_held": "no_target", "cannot_tell": "undecided",
             "due": "undecided", "open": "not_due"}


@dataclass(frozen=True)
class Goal:
    """One indicator with a target: the judged row, the other targets it has, and its figures.

    Attributes
    ----------
    number : int
        Its number in the appendix.
    area : Area
    indicator : Indicator
    row : dict
        The row of the judgement table for the target the report is about.
    others : tuple of dict
        Rows of the indicator's further targets (2030 beside 2025).
    figures : DataFrame
        ``year, value, status, qualifier, source, vintage``: the annual figures of the judged definition.
    elsewhere : DataFrame
        Figures of other definitions or of parts of a year, which are shown and not judged.
    """

    number: int
    area: Area
    indicator: Indicator
    row: dict[str, Any]
    others: tuple[dict[str, Any], ...]
    figures: pd.DataFrame
    elsewhere: pd.DataFrame

    @cached_property
    def findings(self) -> list[Finding]:
        """What the judgement says of this target, in the sentences every page has."""
        return target_sentences.judgement(pd.DataFrame([self.row]), indicator=self.indicator, area=self.area)

    def told(self, lang: str, *keys: str) -> str:
        """Return the sentences of the judgement whose keys begin with these, in their order."""
        return " ".join(one.text(lang) for one in self.findings if one.key.startswith(keys))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every target of the indicator, by its year."""
        return sorted((self.row, *self.others), key=lambda one: one["target_year"] if known(one["target_year"]) else 0)

    @property
    def state(self) -> str:
        """State of the target in the judgement table."""
        return str(self.row["state"])

    @property
    def assessed(self) -> str:
        """Key of the word in the column of assessment: surplus and exactly met are told apart."""
        found = _ASSESSED.get(self.state, self.state)
        return "surpassed" if found == "met" and known(self.row["missing"]) and self.row["missing"] < 0 else found

    @property
    def judged_figure(self) -> float | None:
        """The figure the target was held against, if any."""
        return float(self.row["figure"]) if known(self.row.get("figure")) else None

    def with_row(self, row: dict[str, Any]) -> Goal:
        """Return the goal with another of its targets as the one that is spoken of."""
        return replace(self, row=row, others=())

    def ahead(self, year: int) -> Goal:
        """Return the goal with the target a plan made at the end of a year is about.

        That is the last target of the next five years, the term of a plan; else the first one later; else, where every
        target year is over, the last one.
        """
        later = [one for one in self.rows if known(one["target_year"]) and one["target_year"] > year]
        term = [one for one in later if one["target_year"] <= year + _SHOWN_YEARS]
        return self.with_row(term[-1] if term else later[0] if later else self.rows[-1])

    def name(self, lang: str) -> str:
        """Return the indicator's name."""
        return title_in(self.indicator, self.area, lang)

    def unit(self, lang: str) -> str:
        """Return the unit for the column of units."""
        return labels.in_language(self.indicator, "unit", lang)

    def value(self, value: float | None, lang: str, kind: str = "value") -> str:
        """Print a value with its unit, or a dash."""
        return printed(kind, float(value), lang, Measure.of(self.indicator)) if known(value) else numbers.MISSING

    @property
    def bound(self) -> str:
        """Code of the caveat that says how exactly the judged figure is known; nothing where it is exact."""
        exact = self.judged_figure is None or self.indicator.unit == "rank"
        return "" if exact else next((code for code in _BOUNDS if code in (self.row.get("caveats") or ())), "")

    def shown(self, lang: str) -> str:
        """Print the judged figure as exactly as it is known: "7,1%", "trên 55,3 triệu tài khoản"."""
        return self.value(self.judged_figure, lang, f"value:{_BOUNDS[self.bound]}" if self.bound else "value")

    def _amount(self, lang: str) -> str:
        """Print what is missing or surplus, at least or at most where the figure is known as a bound alone."""
        missing, bound = float(self.row["missing"]), _BOUNDS.get(self.bound, "")
        if bound in ("over", "under"):
            sense = self.row.get("direction")
            rising = float(sense if known(sense) else self.indicator.direction) >= 0
            bound = "at_least" if (bound == "over") == ((missing < 0) == rising) else "at_most"
        return self.value(abs(missing), lang, f"difference:{bound}" if bound else "difference")

    @cached_property
    def comparable(self) -> pd.DataFrame:
        """The figures on the judged one's side of every break of the series: those of the appendix."""
        table, year = self.figures, self.row.get("figure_year")
        breaks = [int(one) for one in table.loc[table["break_before"].fillna("") != "", "year"]]
        since = max((one for one in breaks if not known(year) or one <= year), default=0)
        until = min((one for one in breaks if known(year) and one > year), default=9999)
        return table[table["year"].between(since, until - 1)]

    def bare(self, value: float | None, lang: str) -> str:
        """Print a value without its unit, for a table that names the unit once."""
        if not known(value):
            return ""
        decimals = numbers.enough_decimals(float(value), int(self.indicator.decimals))
        return numbers.number(float(value), lang, decimals)

    def goal(self, lang: str, row: dict[str, Any] | None = None, *, unit: bool = False) -> str:
        """Print a target with its comparator: "≥ 20" in a table, with its unit "tối thiểu 20%" in a sentence."""
        row = row or self.row
        if not known(row.get("target")):
            return numbers.MISSING
        if unit:
            return target_text(row, self.indicator, lang)
        if self.indicator.unit == "rank":
            return labels.label("rank_goal", lang, n=numbers.number(float(row["target"]), lang, 0))
        mark, shown = str(row.get("comparator") or "="), self.bare(row["target"], lang)
        return text("goal_about", lang, value=shown) if mark == "about" else _SYMBOLS.get(mark, "") + shown

    def goals(self, lang: str, year: int) -> str:
        """Print every target of the indicator; a year that is not the report's stands beside it."""
        shown = []
        for row in (self.row, *self.others):
            if not known(row.get("target")):
                continue
            same = int(row["target_year"]) == year
            goal = self.goal(lang, row)
            shown.append(goal if same else text("goal_year", lang, goal=goal, year=str(int(row["target_year"]))))
        return "; ".join(dict.fromkeys(shown))

    def figure(self, year: int, lang: str) -> str:
        """Print the figure of a year, with "≈", ">" or "<" where the source prints it so; empty where none is held."""
        rows = self.comparable[self.comparable["year"] == year].to_dict("records")
        marks = {"about": "≈ ", ">": "> ", "<": "< "}
        return marks.get(rows[-1]["qualifier"], "") + self.bare(rows[-1]["value"], lang) if rows else ""

    def distance(self, lang: str, key: str = "distance") -> str:
        """Print what is missing or surplus, in words; `key` "against": as it stands before the target in a sentence."""
        missing = self.row.get("missing")
        if not known(missing):
            return ""
        way = "missing" if missing > 0 else "surplus" if missing < 0 else "around" if self.bound else "level"
        return text(f"{key}_{way}", lang, amount=self._amount(lang))

    def assessment(self, lang: str) -> str:
        """Return the word of the column of assessment."""
        return labels.entry("assessed", self.assessed)[lang]

    def measured(self, definition: str, day: str) -> Definition | str:
        """Return who measures by a definition, under the name of a day; the id where the catalogue has none."""
        if definition not in catalogue.definitions(self.indicator.id):
            return definition
        names = compiler_on(self.indicator.id, definition, day)
        return replace(catalogue.definition(self.indicator.id, definition), name_vi=names[0], name_en=names[1])

    def lead(self) -> str:
        """Return the office that leads, where a document names it; else nothing: the cell is left to be filled."""
        return str(self.row["lead"]) if known(self.row.get("lead")) else ""


@dataclass(frozen=True)
class Dossier:
    """The judged targets of one area at the end of one year, of one document, pillar, list of indicators or all.

    Attributes
    ----------
    area : Area
    year : int
    goals : tuple of Goal
        In the order of the appendix: by pillar, then by name.
    documents : tuple of Document
        Documents the targets are from, oldest first.
    chosen : str
        What the report is about: "document", "pillar", "indicators" or "all".
    as_of : str
        Day up to which publications count (ISO), or "" for the newest.
    holder : Area
        Whose targets they are: the area itself, or one it belongs to.
    """

    area: Area
    year: int
    goals: tuple[Goal, ...]
    documents: tuple[Document, ...]
    chosen: str
    as_of: str
    holder: Area

    @property
    def years(self) -> list[int]:
        """Years shown as columns."""
        return list(range(self.year - _SHOWN_YEARS + 1, self.year + 1))

    def place(self, lang: str) -> str:
        """Return the area's name, without the remark about its boundary."""
        return place_name(self.area, lang)

    @property
    def over(self) -> bool:
        """Tell whether the area was no more at the end of the year: nothing is planned for it."""
        return bool(self.area.valid_to) and self.area.valid_to <= f"{self.year}-12-31"

    @property
    def kind(self) -> str:
        """Kind of the body that governs the area: province, city, district, or other where none of these does."""
        held = self.area.level in ("province", "district")
        return "city" if self.area.id.startswith(_CITIES) else self.area.level if held else "other"

    def formal(self, lang: str) -> str:
        """Return the area's name as an office writes it: "tỉnh Quảng Ninh"."""
        return text(f"formal_{self.kind}", lang, place=self.place(lang))

    def pillars(self) -> list[tuple[str, list[Goal]]]:
        """Return the goals by pillar, pillars without any left out."""
        found = [(pillar, [one for one in self.goals if one.indicator.pillar == pillar]) for pillar in PILLARS]
        return [(pillar, goals) for pillar, goals in found if goals]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many goals have which assessment, in the order of the words, none with zero."""
        found = [one.assessed for one in self.goals]
        return {key: found.count(key) for key in labels.wording()["assessed"] if key in found}

    @property
    def leading_documents(self) -> list[Document]:
        """Return the documents that set most of the targets, oldest first."""
        rows = [row.get("document_id") for goal in self.goals for row in (goal.row, *goal.others)]
        first = sorted(self.documents, key=lambda one: -rows.count(one.id))[:_NAMED]
        return [one for one in self.documents if one in first]

    @property
    def targets(self) -> int:
        """How many targets the goals have."""
        return sum(known(row.get("target")) for one in self.goals for row in one.rows)

    def main(self, indicator: str = "digital_economy_share") -> Goal | None:
        """Return the goal the deck and the note are about: the one asked for, else the first that has a figure."""
        named = [one for one in self.goals if one.indicator.id == indicator]
        with_figure = [one for one in self.goals if one.judged_figure is not None]
        return next(iter([*named, *with_figure, *self.goals]), None)

    @cached_property
    def pages(self) -> dict[str, list[int]]:
        """The page of every figure shown, judged or noted, by its id, with the numbers of its indicators."""
        found: dict[str, list[int]] = {}
        for goal in self.goals:
            for one in dict.fromkeys([*goal.figures["source"].astype(str), *goal.elsewhere["source"].astype(str)]):
                if one:
                    found.setdefault(one, []).append(goal.number)
        return found


def build(
    judged: pd.DataFrame,
    area: Area,
    year: int,
    *,
    chosen: str = "all",
    as_of: str = "",
    holder: Area | None = None,
    histories: Mapping[str, pd.DataFrame] | None = None,
) -> Dossier:
    """Gather judged targets, their figures and documents.

    Parameters
    ----------
    judged : DataFrame
        Rows of the judgement table (:func:`dxanalysis.assessing.assess`) of one area: one per indicator and target.
    area, year
        Whose report, and the end of which year it is seen from.
    chosen : what the rows were chosen by
    as_of : ISO day, or "" for the newest publications
    holder : whose targets they are, where they are not the area's own
    histories : figures by indicator that take the place of the published ones (an office's own)
    """
    goals, given = [], histories or {}
    for indicator, rows in judged.groupby("indicator", sort=False):
        found = catalogue.find_indicator(str(indicator))
        goals.append(_goal(found, rows.to_dict("records"), area, year, as_of, given.get(found.id)))
    goals.sort(key=lambda one: (PILLARS.index(one.indicator.pillar), numbers.vi_key(one.name("vi"))))
    counted = tuple(replace(goal, number=at) for at, goal in enumerate(goals, start=1))
    return Dossier(area, year, counted, _documents(judged), chosen, as_of, holder or area)


def _goal(
    indicator: Indicator, rows: list[dict[str, Any]], area: Area, year: int, as_of: str, own: pd.DataFrame | None
) -> Goal:
    """Choose the target a report of a year is about: its own year's, else the last before it, else the next."""
    rows = sorted(rows, key=lambda one: int(one["target_year"]) if known(one["target_year"]) else 0)
    past = [one for one in rows if known(one["target_year"]) and int(one["target_year"]) <= year]
    leading = past[-1] if past else rows[0]
    named = str(leading.get("definition") or "")
    definition = named if named in catalogue.definitions(indicator.id) else "preferred"
    if own is None:
        own = load_history(indicator.id, area.id, definition, as_of or None, through=year)
        definition = str(own["definition"].iloc[-1]) if len(own) else definition
        apart = _elsewhere(leading | {"definition": definition}, area, year, as_of)
    else:
        own = own.assign(**{name: blank for name, blank in _PLAIN.items() if name not in own})
        apart = catalogue.observations(indicator.id, area.id)[:0]
    others = tuple(one for one in rows if one is not leading)
    return Goal(0, area, indicator, leading, others, _with_judged(own, leading), apart)


def _with_judged(figures: pd.DataFrame, row: dict[str, Any]) -> pd.DataFrame:
    """Return the figures with the judged one among them, which may be of a part of a year and then says so."""
    if not known(row.get("figure")) or int(row["figure_year"]) in set(figures["year"]):
        return figures
    added = {"year": int(row["figure_year"]), "value": float(row["figure"]), "source": str(row.get("source") or "")}
    blank = dict.fromkeys(figures.columns, "") | _PLAIN | added
    joined = pd.concat([figures.astype("object"), pd.DataFrame([blank], dtype="object")], ignore_index=True)
    return joined.astype({"year": "int64", "value": "float64"}).sort_values("year", ignore_index=True)


def _elsewhere(row: dict[str, Any], area: Area, year: int, as_of: str) -> pd.DataFrame:
    """Return what is held besides the judged series: other definitions, months and quarters, of the years shown."""
    table = catalogue.observations(str(row["indicator"]), area.id, as_of=as_of or None, conflicts=False)
    years = table["period"].str[:4].astype(int)
    own = (table["definition"] == row["definition"]) & table["period"].str.fullmatch(r"\d{4}")
    own |= (years == row.get("figure_year")) & (table["value"] == row.get("figure"))
    within = (table["status"] != "projection") & years.between(year - _SHOWN_YEARS + 1, year + 1)
    return table[~own & within].sort_values(["period", "vintage"], kind="stable").reset_index(drop=True)


def _documents(judged: pd.DataFrame) -> tuple[Document, ...]:
    ids = [one for one in dict.fromkeys(judged.get("document_id", pd.Series(dtype=str)).dropna()) if one]
    return tuple(sorted((catalogue.document(str(one)) for one in ids), key=lambda one: one.date))
