"""Which printed numbers belong together (data/relations.csv), and whether they agree, given how they were rounded.

Every function ``…_problem`` returns "" when the numbers agree, else one sentence. Numbers are given as printed (text
keeps trailing zeros: "12.60" was rounded to hundredths) or as floats. A printed number stands for the interval of half
a unit of its last digit around it; counts printed in full are exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from statistics import fmean

from dxanalysis.facts.schema import SHIPPED, read_text_table, refuse

Printed = str | int | float
RULES = ("sum", "fraction", "product", "mean", "at_most", "jump")
JUMP, FEWEST_CHANGES = 1.5, 10  # against the largest change of peers; fewer of them say nothing
_COLUMNS = ["relation", "rule", "whole", "parts", "constant", "match", "known", "note"]
_MATCH = {"definition", "area", "period", "vintage", "release"}


@dataclass(frozen=True)
class Relation:
    """One declared relation between indicators.

    Attributes
    ----------
    id : str
        Name of the relation.
    rule : str
        "sum" (parts add up to the whole), "fraction" (whole is 100 x first part / second part), "product" (whole is a
        share of a share), "mean" (a span of years beside its yearly values), "at_most" (whole <= part) or "jump"
        (only lists known faults of the check for jumps).
    whole : str
        Indicator tested; empty where a constant stands in its place.
    parts : tuple of str
        Indicators it is tested against.
    constant : str
        A number in place of the whole ("sum") or of the denominator ("fraction"), or "".
    match : tuple of str
        Columns in which the figures must agree; "release": published within a week of each other.
    known : frozenset of str
        Faults known and kept, as "area/period".
    note : str
        Why the relation holds.
    """

    id: str
    rule: str
    whole: str
    parts: tuple[str, ...]
    constant: str
    match: tuple[str, ...]
    known: frozenset[str]
    note: str


def load_relations(path: str | Path | None = None) -> list[Relation]:
    """Load declared relations from a CSV file (default: the shipped ``relations.csv``).

    Columns: relation, rule, whole, parts (separated by ";"), constant, match (columns that must agree), known
    ("area/period" of faults kept on purpose), note.

    Raises
    ------
    DataError
        When a column is missing, a rule is unknown or a relation is incomplete.

    >>> [relation.id for relation in load_relations()][:2]
    ['teams-by-place', 'villages-covered']
    """
    path = Path(path) if path else SHIPPED / "relations.csv"
    table = read_text_table(path)
    if list(table.columns) != _COLUMNS:
        raise refuse(path.name, "has other columns.", f"Columns: {', '.join(_COLUMNS)}.", row=1)
    return [_relation(row, path.name) for row in table.reset_index(names="line").to_dict("records")]


def _relation(row: Mapping[str, str], file: str) -> Relation:
    parts, match, known = (
        tuple(p.strip() for p in row[c].split(";") if p.strip()) for c in ("parts", "match", "known")
    )
    rule, constant = row["rule"], row["constant"]
    needs = {"sum": 1, "fraction": 1 if constant else 2, "product": 2, "mean": 0, "at_most": 1, "jump": 0}
    whole_or_constant = bool(row["whole"]) or (rule == "sum" and bool(constant))
    if rule not in RULES or len(parts) < needs[rule] or not whole_or_constant or not set(match) <= _MATCH:
        message = f"the relation '{row['relation']}' is unknown or incomplete."
        raise refuse(file, message, f"Rules: {', '.join(RULES)}; match: {sorted(_MATCH)}.", row=row["line"])
    return Relation(row["relation"], rule, row["whole"], parts, constant, match, frozenset(known), row["note"])


def exact(number: Printed) -> Fraction:
    """Return a printed number as an exact fraction; thousands commas are read.

    Raises
    ------
    ValueError
        When it is no finite number.

    >>> exact("1,452"), exact(12.87) == exact("12.87")
    (Fraction(1452, 1), True)
    """
    return Fraction(_decimal(number))


def _decimal(number: Printed) -> Decimal:
    try:
        value = Decimal(number.replace(",", "") if isinstance(number, str) else repr(number))
    except InvalidOperation:
        raise ValueError(f"{number!r} is no number.") from None
    if not value.is_finite():
        raise ValueError(f"{number!r} is no finite number.")
    return value


def rounding(number: Printed) -> Fraction:
    """Return half a unit of the last printed digit: how far rounding may have moved the number.

    >>> rounding("12.60"), rounding(60)
    (Fraction(1, 200), Fraction(1, 2))
    """
    value = _decimal(number)
    # A float shows "60.0" for a printed 60.
    digits = -int(value.as_tuple().exponent) if isinstance(number, str) else -int(value.normalize().as_tuple().exponent)
    return Fraction(1, 2) / Fraction(10) ** max(digits, 0)


def _tell(number: Fraction) -> str:
    return f"{float(number):,.10g}"


def sum_problem(whole: Printed, parts: Sequence[Printed], *, counts: bool = True) -> str:
    """Return what is wrong with a printed total of its parts.

    Parameters
    ----------
    whole, parts
        As printed.
    counts : bool
        True: counts, which must add up exactly (whole numbers only). False: each number may be rounded.

    >>> sum_problem("1,473", ["1,452", "11"])
    '1,452 + 11 = 1,463, not 1,473'
    >>> sum_problem(63, [5, 7, 44, 7]), sum_problem("429.47", ["234.31", "85.42", "109.74"], counts=False)
    ('', '')
    """
    total = sum(map(exact, parts), Fraction(0))
    slack = Fraction(0) if counts else rounding(whole) + sum(map(rounding, parts), Fraction(0))
    if abs(total - exact(whole)) <= slack:
        return ""
    shown = " + ".join(_tell(exact(part)) for part in parts)
    return f"{shown} = {_tell(total)}, not {_tell(exact(whole))}"


def fraction_problem(percent: Printed, numerator: Printed, denominator: Printed) -> str:
    """Return what is wrong with a printed percentage of a printed fraction.

    >>> fraction_problem(60, 160, 334)
    '160 / 334 = 47.9 %, not 60 %'
    >>> fraction_problem(54, "429.47", 800)
    ''
    """
    if exact(denominator) == 0:
        return "the denominator is 0"
    low, high = _quotient_range(numerator, denominator)
    slack = rounding(percent)
    if low - slack <= exact(percent) <= high + slack:
        return ""
    value = 100 * exact(numerator) / exact(denominator)
    return (
        f"{_tell(exact(numerator))} / {_tell(exact(denominator))} = {float(value):.3g} %, not {_tell(exact(percent))} %"
    )


def _quotient_range(numerator: Printed, denominator: Printed) -> tuple[Fraction, Fraction]:
    """Return the percentages a fraction of rounded numbers may stand for; whole numbers are exact."""
    over, under = (0 if exact(n).denominator == 1 else rounding(n) for n in (numerator, denominator))
    values = [
        100 * (exact(numerator) + i * over) / (exact(denominator) + j * under)
        for i in (-1, 1)
        for j in (-1, 1)
        if exact(denominator) + j * under
    ]
    return min(values), max(values)


def mean_problem(mean: Printed, members: Sequence[Printed]) -> str:
    """Return what is wrong with a printed mean of its members.

    >>> mean_problem("12.88", ["12.66", "12.87", "12.83", "12.87", "13.17"])
    ''
    >>> mean_problem("11.53", ["12.66", "12.87", "12.83"])
    'the mean of 12.66, 12.87, 12.83 is 12.79, not 11.53'
    """
    value = sum(map(exact, members), Fraction(0)) / len(members)
    slack = rounding(mean) + sum(map(rounding, members), Fraction(0)) / len(members)
    if abs(value - exact(mean)) <= slack:
        return ""
    shown = ", ".join(_tell(exact(member)) for member in members)
    return f"the mean of {shown} is {float(value):.4g}, not {_tell(exact(mean))}"


def product_problem(share: Printed, shares: Sequence[Printed]) -> str:
    """Return what is wrong with a printed share of a share (95 % of the 99.3 % who have a smartphone).

    >>> product_problem("94.3", ["99.3", 95])
    ''
    >>> product_problem(95, ["99.3", "90.0"])
    '99.3 % of 90 % is 89.4 %, not 95 %'
    """
    low = high = value = Fraction(100)
    for part in shares:
        value *= exact(part) / 100
        low *= (exact(part) - rounding(part)) / 100
        high *= (exact(part) + rounding(part)) / 100
    if low - rounding(share) <= exact(share) <= high + rounding(share):
        return ""
    shown = " of ".join(f"{_tell(exact(part))} %" for part in shares)
    return f"{shown} is {float(value):.3g} %, not {_tell(exact(share))} %"


def order_problem(part: Printed, whole: Printed) -> str:
    """Return a sentence where a part is larger than its whole.

    >>> order_problem(1473, 1452)
    '1,473 is more than its whole, 1,452'
    """
    return "" if exact(part) <= exact(whole) else f"{_tell(exact(part))} is more than its whole, {_tell(exact(whole))}"


def report_problem(first: Printed, second: Printed) -> str:
    """Return a sentence where two printings of one figure are not one number, rounded or not.

    >>> report_problem("12.87", "12.88")
    '12.87 and 12.88 are printed for one figure'
    >>> report_problem("12.87", "12.9")
    ''
    """
    gap, widest = abs(exact(first) - exact(second)), rounding(first) + rounding(second)
    if gap == 0 or (rounding(first) != rounding(second) and gap <= widest):
        return ""
    return f"{_tell(exact(first))} and {_tell(exact(second))} are printed for one figure"


def jump_problem(change: float, peers: Sequence[float]) -> str:
    """Return a sentence where a change is more than half as large again as any of ten or more changes of peers.

    >>> jump_problem(9.0, [0.2, -0.4, 1.1, 0.8, 0.5, 0.1, 0.9, 1.3, -0.2, 0.7])
    'a change of +9 beside at most 1.3 among 10 changes of peers (their mean: 0.62)'
    >>> jump_problem(9.0, [0.2])
    ''
    """
    if len(peers) < FEWEST_CHANGES:
        return ""
    sizes = [abs(peer) for peer in peers]
    if abs(change) <= JUMP * max(sizes):
        return ""
    seen = f"at most {max(sizes):.3g} among {len(peers)} changes of peers (their mean: {fmean(sizes):.2g})"
    return f"a change of {change:+.3g} beside {seen}"
