"""Which area each figure is about: names and codes of the catalogue and of the world, and the answer of the user."""

from __future__ import annotations

import pandas as pd

from dxanalysis.facts.names import fold
from dxanalysis.facts.schema import fields as table_fields
from dxanalysis.facts.understand.answers import Work, listed, refuse_names
from dxanalysis.facts.understand.roles import (
    AGGREGATES,
    area_codes,
    choose_area,
    country,
    is_region,
    is_total,
    near_area,
    nearest,
)

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
