"""The editions of the provincial Digital Transformation Index, and how each makes its total of the pillars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Edition:
    """How one edition of an index makes the total of its pillars.

    Attributes
    ----------
    name : str
        "DTI 2020", ...
    weights : dict
        Weight of each pillar in the total; with pillars in points, the weights are 1.
    maxima : dict
        Highest value of each pillar (1 for an index of 0-1, points otherwise).
    additive : bool
        Whether the total is the weighted sum of the pillars. From 2021 the DTI adds indices beside the three pillars,
        so its total cannot be rebuilt from them.
    comparable_with : tuple of str
        Other editions whose values may be compared with this one.
    citation : str
        Where the rule is published.
    """

    name: str
    weights: Mapping[str, float]
    maxima: Mapping[str, float]
    additive: bool = True
    comparable_with: tuple[str, ...] = ()
    citation: str = ""


_THREE = {"government": 0.4, "economy": 0.3, "society": 0.3}
_ONE = {"government": 1.0, "economy": 1.0, "society": 1.0}
EDITIONS = {
    edition.name: edition
    for edition in (
        Edition(
            "DTI 800", _ONE, {"government": 320.0, "economy": 240.0, "society": 240.0},
            citation="Quảng Ninh's baseline before Resolution 09-NQ/TU: points of 320, 240 and 240, press, 2 Oct 2023",
        ),
        Edition(
            "DTI 2020", _THREE, _ONE, citation="DTI 2020: 400, 300 and 300 of 1,000 points; the total is their sum",
        ),
        Edition(
            "DTI 2021", _THREE, _ONE, additive=False, comparable_with=("DTI 2022", "DTI 2023"),
            citation="Decision 922/QĐ-BTTTT (2022): 98 components; further main indices beside the pillars",
        ),
        Edition(
            "DTI 2022", _THREE, _ONE, additive=False, comparable_with=("DTI 2021", "DTI 2023"),
            citation="Decision 922/QĐ-BTTTT (2022), same structure as 2021",
        ),
        Edition(
            "DTI 2023", _THREE, _ONE, additive=False, comparable_with=("DTI 2021", "DTI 2022"),
            citation="98 components, same structure as 2021",
        ),
        Edition(
            "DTI 2024", _THREE, _ONE, additive=False, citation="47 components: not comparable with earlier editions",
        ),
    )
}  # fmt: skip


def edition_of(name: str | Edition) -> Edition:
    """Return the rule of an edition.

    Examples
    --------
    >>> edition_of("DTI 2020").weights["government"]
    0.4
    >>> edition_of("DTI 2019")
    Traceback (most recent call last):
    ...
    ValueError: Unknown edition 'DTI 2019'. Known: DTI 800, DTI 2020, DTI 2021, DTI 2022, DTI 2023, DTI 2024.
    """
    if isinstance(name, Edition):
        return name
    if name not in EDITIONS:
        raise ValueError(f"Unknown edition {name!r}. Known: {', '.join(EDITIONS)}.")
    return EDITIONS[name]
