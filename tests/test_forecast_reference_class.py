"""Precedents: the estimator worked by hand, its mirror, what it refuses, and the words of the shipped panels."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

import dxanalysis as dx
from dxanalysis.facts.reference import load_reference
from dxanalysis.forecasting import precedents

ONE = pd.DataFrame({"year": [2024], "value": [10.0]})


def panel(reached, *, name="i", areas=30, kind="economic_share", start=10.0, end=20.0):
    """Areas that stood at one level in 2000 and went to `end` (the first `reached`) or stayed in 2001."""
    names = [f"a{i:02}" for i in range(areas)]
    later = [end if i < reached else start for i in range(areas)]
    year, value = np.repeat([2000, 2001], areas), [start] * areas + later
    return pd.DataFrame({"indicator": name, "class": kind, "area": names * 2, "year": year, "value": value})


TWO = pd.concat([panel(3, name="i"), panel(0, name="j")])


def ask(history=ONE, target=20.0, year=2025, panels=TWO, **more):
    return precedents(history, target, year, panels=panels, **{"kind_class": "economic_share", **more})


def test_share_and_bound_are_those_worked_by_hand():
    # two families alike in weight, shares .10 and 0: mean .05, between .005, design effect .0025 / (.0475 / 60) = 3.158
    found = ask()
    assert found.share == pytest.approx(0.05)
    worth = 60 / (0.0025 / (0.0475 / 60))
    assert found.bound == pytest.approx(max(beta.ppf(0.95, 0.05 * worth + 0.5, 0.95 * worth + 0.5), found.chance))
    assert (found.areas, found.families, found.episodes) == (60, pytest.approx(2.0), 60)
    assert found.table["weight"].sum() == pytest.approx(1)
    assert found.table["reached"].sum() == 3


def test_a_small_panel_counts_less_and_a_named_family_counts_once():
    small = pd.concat([TWO, panel(3, name="k", areas=3)])  # all three reached it, at weight 3 / 8 against 30 / 35
    weights = np.array([30 / 35, 30 / 35, 3 / 8])
    assert ask(panels=small).share == pytest.approx(weights @ [0.1, 0, 1] / weights.sum())
    together = small.assign(family=small["indicator"].replace({"k": "i"}))
    weights = np.array([33 / 38, 30 / 35])  # six of the 33 areas of the one family
    assert ask(panels=together).share == pytest.approx(weights @ [6 / 33, 0] / weights.sum())


def test_very_is_said_from_four_families_on():
    many = pd.concat([panel(0, name=name, areas=90) for name in "ijkl"])
    said = [ask(panels=many[many["indicator"] <= last]) for last in "jkl"]
    assert [one.word for one in said] == ["unlikely", "unlikely", "very_unlikely"]
    assert all(one.bound < 0.1 for one in said[:1])


def test_where_no_class_is_known_the_lowest_floor_decides_what_very_likely_stays():
    still = pd.concat([panel(0, name=name, areas=200) for name in "ijklm"])
    falling = pd.concat([panel(60, name=name, areas=200, kind="diffusion", end=2.0) for name in "nopqr"])
    asked = {"target": 5.0, "panels": pd.concat([still, falling])}
    assert ask(**asked).word == "very_likely"
    assert ask(**asked, kind_class="").word == "" and ask(**asked, kind_class="").floor < 0.8


def test_the_fall_mirrors_the_rise():
    falling = TWO.assign(value=100 - TWO["value"])
    down = ask(ONE.assign(value=90.0), 80.0, panels=falling, direction=-1)
    up = ask()
    assert (down.share, down.word) == (pytest.approx(up.share), up.word)
    assert down.fastest[0]["to"] == 80 and down.half == pytest.approx(100 - up.half)


def test_what_stands_at_the_target_very_likely_stays_where_falls_are_rare():
    still = pd.concat([panel(0, name=name, areas=200) for name in "ijklm"])
    found = ask(ONE.assign(value=10.0), 5.0, panels=still)
    assert (found.share, found.word) == (1.0, "very_likely") and found.floor > 0.9


def test_episodes_with_the_own_speed_are_taken_where_there_are_enough():
    rising = pd.DataFrame({"year": [2023, 2024], "value": [9.0, 10.0]})
    fast = panel(30).assign(year=lambda table: table["year"] + 1)
    before = fast[fast["year"] == 2001].assign(year=2000, value=9.0)
    slow = panel(0).assign(year=lambda table: table["year"] + 1, area=lambda table: "b" + table["area"])
    rest = slow[slow["year"] == 2001].assign(year=2000)
    one = pd.concat([fast, before, slow, rest])
    both = pd.concat([one, one.assign(indicator="j")])
    assert ask(rising, panels=both).share == pytest.approx(1.0)
    assert ask(panels=both).share == pytest.approx(0.25)  # half the areas did, in one of their two years


def test_the_class_with_the_highest_bound_speaks_where_none_is_known():
    spreading = pd.concat([panel(20, name=name, kind="diffusion") for name in "kl"])
    found = ask(panels=pd.concat([TWO, spreading]), kind_class="")
    assert (found.basis, found.evidence_class) == ("diffusion", "")
    assert found.bound > ask(panels=pd.concat([TWO, spreading])).bound


@pytest.mark.parametrize(("changes", "reason"), [
    ({"year": 2031}, "too_far"),
    ({"panels": TWO[TWO["indicator"] == "i"]}, "few_precedents"),
    ({"history": ONE.assign(value=60.0)}, "few_precedents"),
    ({"history": ONE[:0]}, "no_figure"),
    ({"target": 10.0}, "open"),
])
def test_no_word_is_said_where_it_was_not_measured(changes, reason):
    found = ask(**changes)
    assert (found.word, found.reason) == ("", reason)


@pytest.mark.parametrize(("changes", "message"), [
    ({"direction": 0}, "Direction 0 is none"),
    ({"year": 2024}, "2024 is not after the last figure"),
    ({"bounds": (0, None)}, "are open"),
    ({"panels": TWO.drop(columns="class")}, "have no column 'class'"),
    ({"history": pd.concat([ONE.assign(area="a"), ONE.assign(area="b")])}, "has 2 areas"),
])
def test_what_cannot_be_counted_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        ask(**changes)


@pytest.mark.parametrize(("values", "target", "ahead", "kind", "word"), [
    ([7.1], 20.0, 1, "economic_share", "very_unlikely"),
    ([3.0], 20.0, 4, "economic_share", "very_unlikely"),
    ([7.1], 30.0, 6, "economic_share", "very_unlikely"),
    ([12.87, 13.17, 14.02], 30.0, 5, "economic_share", "very_unlikely"),
    ([12.87, 13.17, 14.02], 14.5, 1, "economic_share", ""),
    ([20.69], 20.0, 1, "economic_share", ""),
    ([20.69], 30.0, 6, "economic_share", "unlikely"),
    ([17.34], 30.0, 5, "economic_share", "unlikely"),
    ([89.1], 95.0, 2, "service_coverage", ""),
    ([7.1], 30.0, 6, "diffusion", ""),
])
def test_the_shipped_panels_give_the_measured_words(values, target, ahead, kind, word):
    history = pd.DataFrame({"year": range(2025 - len(values), 2025), "value": values})
    found = precedents(history, target, 2024 + ahead, kind_class=kind, panels=load_reference())
    assert found.word == word
    assert len(found.fastest) == 3 and {"indicator", "area", "year", "to_year", "from", "to"} == set(found.fastest[0])


def test_the_verb_reads_unit_direction_and_bounds_as_the_other_verbs_do():
    asked = {"evidence_class": "economic_share"}
    percent = dx.precedents({2024: 7.1}, {2030: 30.0}, **asked).iloc[0]
    share = dx.precedents({2024: 0.071}, {2030: 0.3}, unit="share", **asked).iloc[0]
    assert (percent["word"], percent["share"]) == (share["word"], pytest.approx(share["share"]))
    assert share["half"] == pytest.approx(percent["half"] / 100)
    down, up = (dx.precedents({2023: 4.8, 2024: 1.9}, {2030: 1.2}, **asked, **more).iloc[0]
                for more in ({}, {"direction": 1}))
    assert down["share"] == pytest.approx(1 - up["share"], abs=0.01)
    assert down["chance"] == pytest.approx(1 - up["chance"])
    both = dx.precedents(pd.DataFrame({"area": ["a", "b"], "2023": [1.0, 2], "2024": [2.0, 3]}), {2030: 9.0}, **asked)
    assert both["area"].tolist() == ["a", "b"]
    with pytest.raises(ValueError, match=r"Bounds \(0.*give both, such as \(0, 100\)"):
        dx.precedents({2024: 7.1}, {2030: 30.0}, bounds=(0, None))
