"""Sentences of the wider notebooks: coverage, an index, the ranking among peers, what it takes, the record.

They follow the same rules as :mod:`dxanalysis.briefing.findings`: made from tables, every number traced to its cell,
and silence said in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..facts.records import Area, Indicator
from . import labels
from .labels import word
from .page import Page, constant, in_both
from .quotes import Finding, Quoted, quote


def coverage(
    held: pd.DataFrame, stale: pd.DataFrame, agenda: pd.DataFrame, disputes: pd.DataFrame, *, area: Area, year: int
) -> list[Finding]:
    """Say how much is known of an area, from which pages, how fresh it is, and which targets have no figure.

    Parameters
    ----------
    held, stale, agenda, disputes : DataFrame
        ``facts.coverage``, ``facts.freshness``, ``facts.load_agenda`` and ``facts.disputed`` of the area.
    year : int
        The year at whose end one stands.
    """
    unseen = set(agenda["indicator"]) - set(held["indicator"])
    counts = {
        "figures": len(held), "indicators": held["indicator"].nunique(), "sources": held["source"].nunique(),
        "official": int((held["grade"] == "official").sum()) if len(held) else 0, "series": len(stale),
        "current": int((stale["years_behind"] <= 0).sum()), "behind": int((stale["years_behind"] >= 2).sum()),
        "with_target": agenda["indicator"].nunique(), "unseen": len(unseen), "disputed": len(disputes), "year": year,
    }
    page, place = _page(area, {"counts": counts}), {"place": _place(area)}
    by = [quote("year", "counts", "year", year, "year")]
    found = [page.say("coverage_area_none", **place)]
    if len(held):
        told = _counts(counts, figures="yearly", indicators="indicator", sources="page")
        found = [page.say("coverage_area", *told, **place)]
        if counts["official"]:
            found.append(page.say("coverage_official", *_counts(counts, official="figure")))
        found.append(page.say("coverage_fresh", *_counts(counts, series="series", current="series"), *by))
        if counts["behind"]:
            found.append(page.say("coverage_behind", *_counts(counts, behind="series"), *by))
    if counts["with_target"]:
        key = "coverage_targets" if counts["unseen"] else "coverage_targets_all"
        found.append(page.say(key, *_counts(counts, with_target="indicator", unseen="indicator")))
    else:
        found.append(page.say("coverage_no_targets", **place))
    if len(disputes):
        found.append(page.say("coverage_disputed", *_counts(counts, disputed="report")))
    return page.done(found)


def index(
    levels: pd.DataFrame, changes: pd.DataFrame, supposed: pd.DataFrame, ranks: pd.DataFrame,
    baseline: pd.DataFrame, *, indicator: Indicator, area: Area, catalogue: Any,
) -> list[Finding]:
    """Say which pillar is weakest, where editions break, which ranks were published and what one pillar would do.

    Parameters
    ----------
    levels, changes : DataFrame
        ``analysis.pillar_levels`` and ``analysis.pillar_changes``.
    supposed : DataFrame
        ``analysis.what_if_best``.
    ranks : DataFrame
        Histories of published ranks, one indicator under another.
    baseline : DataFrame
        ``analysis.pillar_levels`` of the points before the resolution; empty where the area has none.
    catalogue : object
        With ``find_indicator(id)``.
    """
    sums = {"total": float(baseline["value"].sum()), "maximum": float(baseline["maximum"].sum())}
    tables = {"levels": levels, "changes": changes, "supposed": supposed, "ranks": ranks, "baseline": sums}
    page = _page(area, tables, indicator)
    found = _pillars(page, levels)
    found += _breaks(page, changes)
    if len(baseline):
        cells = [quote(name, "baseline", name, value, "times") for name, value in sums.items()]
        found.append(page.say("index_baseline", *cells))
    found += _ranks(page, ranks, catalogue)
    return page.done([*found, *_supposed(page, supposed)])


def _pillars(page: Page, levels: pd.DataFrame) -> list[Finding]:
    if not len(levels):
        return [page.say("index_no_pillar", subject=in_both(labels.subject, page.indicator, page.area))]
    last = levels[levels["year"] == levels["year"].max()].dropna(subset=["percent"])
    low, high = int(last["percent"].idxmin()), int(last["percent"].idxmax())
    cells = page.cells("levels", low, percent="percent") + page.cells("levels", high, percent__best_percent="percent")
    edition = str(levels["edition"].iloc[low])
    return [page.say("index_weakest", *cells, edition=(edition, edition), pillar=_pillar(levels, low),
                     best_pillar=_pillar(levels, high))]


def _pillar(table: pd.DataFrame, at: int) -> tuple[str, str]:
    return in_both(labels.name, "pillar", str(table["pillar"].iloc[at]))


def _breaks(page: Page, changes: pd.DataFrame) -> list[Finding]:
    broken = changes[changes["reason"] == "break_between_editions"].drop_duplicates(["edition_before", "edition"])
    return [
        page.say("index_break", before=(row.edition_before,) * 2, edition=(row.edition,) * 2)
        for row in broken.itertuples()
    ]


def _ranks(page: Page, ranks: pd.DataFrame, catalogue: Any) -> list[Finding]:
    newest = ranks.reset_index(drop=True).groupby("indicator", sort=False)["year"].idxmax() if len(ranks) else []
    found = []
    for at in newest:
        record = catalogue.find_indicator(str(ranks["indicator"].iloc[int(at)]))
        cells = page.cells("ranks", int(at), year="year", value__rank="count")
        found.append(page.say("index_rank", *cells, what=in_both(labels.in_language, record, "short")))
    return found


def _supposed(page: Page, supposed: pd.DataFrame) -> list[Finding]:
    usable = supposed[(supposed["reason"] == "") & (supposed["new_value"] > supposed["value"])]
    if not len(usable):
        return [page.say("index_what_if_none")]
    return [
        page.say("index_what_if" if row["new_rank"] != row["rank"] else "index_what_if_same",
                 *page.cells("supposed", int(at), of="count", rank="count", new_rank="count"),
                 edition=(str(row["edition"]),) * 2, pillar=_pillar(supposed, int(at)))
        for at, row in usable.iterrows()
    ]


def standing(
    ranks: pd.DataFrame, placed: pd.DataFrame, goal: pd.DataFrame, *, indicator: Indicator, area: Area
) -> list[Finding]:
    """Say the rank, where the required pace stands among paces ever kept, and what can be said of the national goal.

    Parameters
    ----------
    ranks, placed, goal : DataFrame
        ``analysis.standing``, ``analysis.peers.place_required`` and ``analysis.national_goal``.
    """
    counts = {"areas": len(goal), "missing": int((goal["basis"] == "no_weight").sum()), "total": _provinces(area)}
    page = _page(area, {"ranks": ranks, "placed": placed, "goal": goal, "counts": counts}, indicator)
    found = _rank(page, ranks)
    found += [one for at in range(len(placed)) for one in _placed(page, at)]
    return page.done([*found, *_goal(page, goal, counts)])


def _rank(page: Page, ranks: pd.DataFrame) -> list[Finding]:
    place = {"place": _place(page.area)}
    own = ranks.index[ranks["area"] == page.area.id]
    if not len(own):
        return [page.say("standing_none", **place)]
    at = int(own[0])
    if len(ranks) == 1:
        return [page.say("standing_alone", *page.cells("ranks", at, year="year"), **place)]
    kinds = {"year": "year", "value": "value", "rank": "count", "of": "count:area", "gap_to_first__gap": "difference"}
    key = "standing_first" if int(ranks["rank"].iloc[at]) == 1 else "standing_rank"
    total = quote("total", "counts", "total", page.tables["counts"]["total"], "count")
    return [page.say(key, *page.cells("ranks", at, **kinds), total, **place)]


def _provinces(area: Area) -> int:
    """Return how many provinces the code list of an area counts: 63 until June 2025, 34 since."""
    return 34 if getattr(area, "code_vn34", "") and not getattr(area, "code_vn63", "") else 63


def _placed(page: Page, at: int) -> list[Finding]:
    row = page.tables["placed"].iloc[at]
    year = page.cells("placed", at, target_year="year")
    if row["reason"]:
        return [page.say("placed_not", *year, why=in_both(word, "reason", str(row["reason"])))]
    cells = page.cells("placed", at, figure_year="year", pace="rate", similar="count", ever="count", years="count")
    return [page.say("placed", *year, *cells)]


def _goal(page: Page, goal: pd.DataFrame, counts: Mapping[str, int]) -> list[Finding]:
    if len(goal) < 2:  # one area is no sum
        return [page.say("goal_none")]
    if goal["weight"].isna().any():
        return [page.say("goal_not_weighed", *_counts(counts, areas="", missing=""))]
    own = goal.index[goal["area"] == page.area.id]
    cells = [page.cells("goal", int(at), share_of_rise__part="percent") for at in own]
    return [page.say("goal_weighed", *one, place=_place(page.area)) for one in cells]


def need(
    needed: pd.DataFrame, effects: pd.DataFrame, milestones: pd.DataFrame, scenarios: pd.DataFrame, *,
    indicator: Indicator, area: Area,
) -> list[Finding]:
    """Say how fast the numerator must grow, what moved the share, what is owed to the path, and each scenario.

    A scenario is named with its condition and never called a forecast.

    Parameters
    ----------
    needed, effects, milestones, scenarios : DataFrame
        ``analysis.growth_needed``, ``analysis.share_effects``, ``analysis.milestone_table`` and
        ``analysis.scenario_table``.
    """
    shares = pd.DataFrame({name: 100 * needed[name].astype("float64") for name in ("growth", "required_growth")})
    tables = {"needed": needed, "shares": shares, "effects": effects, "milestones": milestones, "scenarios": scenarios}
    page = _page(area, tables, indicator, grade="level")
    found = [*_needed(page, needed, effects), *_effects(page, effects), *_debts(page, milestones)]
    return page.done([*found, *_scenarios(page, scenarios)])


def _needed(page: Page, needed: pd.DataFrame, effects: pd.DataFrame) -> list[Finding]:
    if (effects["reason"] == "not_a_share").any():
        return [page.say("need_not_a_share")]
    told = needed[needed["required_growth"].notna()]
    if not len(told):
        return [page.say("need_nothing")]
    kinds = {"target": "value", "target_year": "year", "last": "value", "last_year": "year"}
    found = []
    for at, row in told.loc[_middle_rates(told)].iterrows():
        observed = row["basis"] == "observed"
        cells = page.cells("needed", int(at), **kinds)
        cells += page.cells("shares", int(at), required_growth__required="growth", growth="growth")
        cells += page.cells("needed", int(at), growth_from="year", growth_to="year") if observed else []
        found.append(page.say("need_growth_observed" if observed else "need_growth", *cells))
    return found


def _middle_rates(needed: pd.DataFrame) -> list[int]:
    """Return for each target the row of the observed growth of the whole, else the middle one of those assumed."""
    found = []
    for _, rows in needed.groupby("target_year", sort=True):
        observed = rows.index[rows["basis"] == "observed"]
        found.append(int(observed[0] if len(observed) else rows.sort_values("growth").index[len(rows) // 2]))
    return found


def _effects(page: Page, effects: pd.DataFrame) -> list[Finding]:
    reason = str(effects["reason"].iloc[0])
    if reason == "not_a_share":
        return []
    if reason:
        return [page.say("need_effects_not", why=in_both(word, "reason", reason))]
    kinds = {"first_year": "year", "last_year": "year", "numerator_effect__numerator": "rate_signed",
             "denominator_effect__denominator": "rate_signed"}
    return [page.say("need_effects", *page.cells("effects", 0, **kinds))]


def _debts(page: Page, milestones: pd.DataFrame) -> list[Finding]:
    owed = milestones[(milestones["state"] == "open") & (milestones["debt_points"] > 1e-9)]
    owed = owed[owed["planned_per_year"].notna() & owed["rebased_per_year"].notna()]
    kinds = {"target_year": "year", "value_year": "year", "debt_points__debt": "difference",
             "rebased_per_year__rebased": "rate", "planned_per_year__planned": "rate"}
    known = owed[["value_year", "debt_points"]].duplicated()  # the same figure on the same path: one gap, told once
    return [
        page.say("debt_same" if told else "debt", *page.cells("milestones", int(at), **kinds))
        for at, told in known.items()
    ]


def _scenarios(page: Page, scenarios: pd.DataFrame) -> list[Finding]:
    drawn = scenarios[scenarios["available"].astype(bool)]
    if not len(drawn):
        return [page.say("scenario_none")]
    last = drawn[drawn["target_year"] == drawn["target_year"].max()]
    kinds = {"target_year": "year", "target": "value", "value": "value"}
    return [
        page.say("scenario_met" if row["met"] else "scenario_short", *page.cells("scenarios", int(at), **kinds),
                 scenario=in_both(word, "scenario", str(row["scenario"])),
                 condition=in_both(word, "condition", str(row["condition"])))
        for at, row in last.iterrows()
    ]


def record(
    past: pd.DataFrame, scores: pd.DataFrame, triangle: pd.DataFrame, *, indicator: Indicator, area: Area
) -> list[Finding]:
    """Say how past forecasts did, warn where no change would have done better, and name the largest revision.

    Parameters
    ----------
    past, scores, triangle : DataFrame
        ``forecasting.look_back``, ``forecasting.summarise`` and ``facts.revision_triangle``.
    """
    settled = past[past["actual"].notna()]
    counts = {"count": len(settled), "inside": int((settled["inside"] == 1).sum())}
    page = _page(area, {"counts": counts, "scores": scores, "revisions": _with_range(triangle)}, indicator)
    if len(settled):
        told = _counts(counts, count="outcome", inside="")
        found = [page.say("record_inside", *told, constant("interval", "percent"))]
    else:
        found = [page.say("record_none")]
    return page.done([*found, *_scores(page, scores), *_revised(page, triangle)])


def _scores(page: Page, scores: pd.DataFrame) -> list[Finding]:
    rows = {str(one): int(at) for at, one in scores["model"].items()}
    if not {"pooled", "naive"} <= set(rows) or not scores["mase"].notna().all():
        return [page.say("record_untested")]
    pooled, naive = rows["pooled"], rows["naive"]
    worse = scores["mase"].iloc[pooled] > scores["mase"].iloc[naive]
    cells = page.cells("scores", pooled, mase__pooled="times", n="count:trial")
    cells += page.cells("scores", naive, mase__naive="times")
    return [page.say("record_naive_better" if worse else "record_pooled_better", *cells)]


def _with_range(triangle: pd.DataFrame) -> pd.DataFrame:
    """Return the revision triangle with the lowest and the highest value printed of each year, and their distance."""
    printed = triangle.drop(columns=["year", "releases", "revised"]).astype("float64")
    low, high = printed.min(axis=1), printed.max(axis=1)
    return triangle.assign(low=low, high=high, range=high - low)


def _revised(page: Page, triangle: pd.DataFrame) -> list[Finding]:
    sizes = page.tables["revisions"]["range"].astype("float64")
    if not len(triangle):
        return []
    if not sizes.max() > 1e-9:
        return [page.say("record_unrevised")]
    kinds = {"year": "year", "low": "value", "high": "value", "releases__times": "count:release"}
    return [page.say("record_revised", *page.cells("revisions", int(sizes.idxmax()), **kinds))]


class _Survey(Page):
    """A page whose sentences name their subject themselves."""

    def subject(self) -> tuple[str, str]:
        return "", ""


def _page(area: Area, tables: dict[str, Any], indicator: Indicator | None = None, grade: str = "none") -> Page:
    return _Survey(indicator, area, grade, tables)


def _place(area: Area) -> tuple[str, str]:
    return in_both(labels.in_language, area, "name")


def _counts(counts: Mapping[str, Any], **nouns: str) -> list[Quoted]:
    """Quote counts with their nouns; a count without a noun stays bare."""
    return [
        quote(name, "counts", name, counts[name], f"count:{noun}" if noun else "count") for name, noun in nouns.items()
    ]
