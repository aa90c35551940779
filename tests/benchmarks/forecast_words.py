"""Count how often the words of the reference class came true, on development panels whose family is left out.

The panels of reference: the development panels themselves, and the shipped ones (`data/reference`). A word holds on a
panel where the events it was said of came true as often as it promises. Called by `forecast_skill`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from dxanalysis.facts.reference import load_reference
from dxanalysis.forecasting import pooled
from dxanalysis.forecasting.histories import read_history
from dxanalysis.forecasting.reference_class import SHARE, Asked, Class, Precedents, find_episodes, read_class, settle
from dxanalysis.forecasting.widths import Constants

#: Class of every panel, set by hand before anything was counted; no panel that ships is a "rate": it has no class.
CLASSES = {
    "economic_share": "edu_gov tax_gdp tax_income exports_gdp hightech_exports investment_gdp agri_workers "
    "self_employed service_workers primary_student_cost education_aid elec_gas",
    "diffusion": "internet_wdi broadband_per_100 computers_per_100 mobile_per_250 fixed_lines_per_100 se_broadband100 "
    "veh_bev veh_hybrid veh_diesel elec_solar elec_wind elec_renewables",
    "service_coverage": "vacc_bcg vacc_dtp3 vacc_hepb3 vacc_hib3 vacc_mcv1 vacc_mcv2 vacc_pab vacc_pcv3 vacc_pol3 "
    "vacc_rotac tb_dots_completed sanitation_basic water_basic skilled_births primary_completion",
    "rate": "eb_happy flfp gini_index murder_rate suicide_rate births_outside women_parliament se_80_special_housing "
    "se_eco_farmland se_men_parental_leave",
}
CLASS_OF = {panel: name for name, panels in CLASSES.items() for panel in panels.split()}
#: Shipped panels that hold the same figures: they and their family are left out, too.
SHIPPED_AS = {
    "internet_wdi": "internet_users",
    "broadband_per_100": "broadband_subscribers_per_100_people",
    "computers_per_100": "personal_computers_per_100_people",
    "exports_gdp": "exports_percent_of_gdp",
    "hightech_exports": "high_technology_exports_percent_of_manufactured_exports",
    "investment_gdp": "investments_percent_of_gdp",
    "agri_workers": "agriculture_workers_percent_of_employment",
    "service_workers": "service_workers_percent_of_employment",
    "sanitation_basic": "at_least_basic_sanitation_overall_access_percent",
    "water_basic": "at_least_basic_water_source_overall_access_percent",
    "skilled_births": "births_attended_by_skilled_health_staff_percent_of_total",
    "primary_completion": "primary_completion_rate_total_percent_of_relevant_age_group",
}
#: How often the events of a word may come true.
RANGES = {"very_unlikely": (0.0, 0.1), "unlikely": (0.0, 0.33), "very_likely": (0.9, 1.0)}
#: Rises of the logit asked for, far falls to far rises; situations a panel and length gives; years ahead of each.
RISES = (-1.5, -1, -0.6, -0.35, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.35, 0.6, 1, 1.5, 2.2)
SITUATIONS, HORIZONS, FARTHEST = 24, 2, 6


def words(files: list[Path], learned: dict[str, Constants]) -> pd.DataFrame:
    """Return one row per reference, figures seen and word: panels on which it held, of how many, and how often it came.

    Parameters
    ----------
    files : the development panels of shares.
    learned : constants by the family that they have not seen.
    """
    panels = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
    panels = panels.rename(columns={"dataset": "family", "panel": "indicator", "unit": "area"})
    panels["class"] = panels["indicator"].map(CLASS_OF)
    groups = panels.groupby(["family", "indicator"])
    asked = pd.concat([_questions(rows, learned[family]) for (family, _), rows in groups])
    said = [
        _answers(asked, table, reference, known)
        for reference, table in (("development", panels), ("shipped", load_reference()))
        for known in (True, False)
    ]
    return _held(pd.concat(said, ignore_index=True))


def _questions(rows: pd.DataFrame, learned: Constants) -> pd.DataFrame:
    """Return the questions of one panel: what was seen, what is asked, the forecaster's probability and what came."""
    wide = rows.drop_duplicates(["area", "year"]).pivot(index="area", columns="year", values="value")
    values = wide.reindex(columns=range(int(wide.columns.min()), int(wide.columns.max()) + 1)).to_numpy(float)
    generator, found = np.random.default_rng(3), []
    for figures in (1, 2, 3):
        chosen = _situations(values, figures, generator)
        histories = np.array([values[row, at - figures + 1 : at + 1] for row, at in chosen])
        for (row, at), above in zip(chosen, _chances(histories, learned), strict=True):
            later = values[row, at + 1 : at + 1 + FARTHEST]
            for ahead in generator.permutation(np.flatnonzero(np.isfinite(later)) + 1)[:HORIZONS]:
                seen = values[row, at - figures + 1 : at + 1]
                came = SHARE.to(later[ahead - 1]) - SHARE.to(seen[-1]) >= np.array(RISES)
                about = {"panel": rows["indicator"].iloc[0], "family": rows["family"].iloc[0], "figures": figures,
                         "ahead": int(ahead), "first": seen[0], "last": seen[-1]}
                found.append(pd.DataFrame({"rise": RISES, "came": came, "chance": above[ahead - 1]}).assign(**about))
    return pd.concat(found, ignore_index=True)


def _situations(values: np.ndarray, figures: int, generator: np.random.Generator) -> list[tuple[int, int]]:
    """Return places (row, column) with so many unbroken figures, between 1 and 97 %, and a later one."""
    known = np.isfinite(values)
    able = [
        (row, at)
        for row, at in zip(*np.nonzero((values >= 1) & (values <= 97)), strict=True)
        if at >= figures - 1 and known[row, at - figures + 1 : at + 1].all() and known[row, at + 1 : at + 7].any()
    ]
    return [able[k] for k in generator.permutation(len(able))[:SITUATIONS]]


def _chances(histories: np.ndarray, learned: Constants) -> Iterator[np.ndarray]:
    """Yield for each history, standing alone, the probabilities (years ahead, rise) of reaching each target."""
    years = np.arange(2021 - histories.shape[1], 2021)
    for values in histories:
        panel = read_history(pd.DataFrame({"year": years, "value": values}), SHARE)
        margin = pooled.fit(panel, FARTHEST, SHARE, learned).marginals
        targets = SHARE.back(SHARE.to(values[-1]) + np.array(RISES))
        yield np.stack([margin.chance_above(np.array([target]))[0] for target in targets], axis=1)


def _answers(asked: pd.DataFrame, table: pd.DataFrame, reference: str, known: bool) -> pd.DataFrame:
    """Return the questions with the word of a reference from which the panel's family is left out."""
    found, table = [], table[~table["class"].str.endswith("_unbounded")]
    for panel, rows in asked.groupby("panel"):
        same = table.loc[table["indicator"] == SHIPPED_AS.get(panel), "family"]
        rest = table[~table["family"].isin([*same, rows["family"].iloc[0]])]
        own = rest[rest["class"] == CLASS_OF[panel]] if known else rest[:0]
        classes = {name: read_class(part) for name, part in (own if len(own) else rest).groupby("class")}
        situations = rows.groupby(["figures", "ahead", "first", "last"], sort=False)
        found += [part.assign(word=_words(part, classes)) for _, part in situations]
    return pd.concat(found).assign(reference=reference, known=known)


def _words(part: pd.DataFrame, classes: dict[str, Class]) -> list[str]:
    """Return the words said of all targets of one situation."""
    row = part.iloc[0]
    level, back = float(SHARE.to(row["last"])), int(row["figures"]) - 1
    speed = (level - float(SHARE.to(row["first"]))) / back if back else None
    asked = [Asked(level, speed, back, int(row["ahead"]), rise, 1) for rise in part["rise"]]
    episodes = {name: one for name, held in classes.items() if (one := find_episodes(held, asked[0])) is not None}
    about = [Precedents(row["last"], 0, 0.0, asked[0].ahead, 1, "", chance=chance) for chance in part["chance"]]
    return [settle(one, question, episodes).word for one, question in zip(about, asked, strict=True)]


def _held(said: pd.DataFrame) -> pd.DataFrame:
    """Return for each reference, length and word on how many panels it held."""
    keys, rows = ["reference", "known", "figures", "word"], []
    for key, part in said[said["word"] != ""].groupby(keys):
        low, high = RANGES[key[-1]]
        by_panel = part.groupby("panel")["came"].mean()
        inside = by_panel.between(low, high)
        asked = said[(said[keys[:3]] == key[:3]).all(axis=1)]
        rows.append(dict(zip(keys, key, strict=True)) | {
            "held": int(inside.sum()), "panels": len(inside), "part": inside.mean(), "came": part["came"].mean(),
            "of questions": len(part) / len(asked), "not on": " ".join(inside.index[~inside])})
    return pd.DataFrame(rows)
