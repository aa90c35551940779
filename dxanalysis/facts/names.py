"""Match names as people type them, without accents or the word Tỉnh; the word lists of ``words.toml``."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# NFD does not split the barred D, and some maps print the Icelandic eth in its place.
_BARRED = str.maketrans({"Đ": "D", "đ": "d", "Ð": "D", "ð": "d"})
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # also marks that reverse the text
_PREFIX = re.compile(r"^(?:tinh|thanh pho|tp|tx|thi xa|phuong|province of|city of) +")


# How documents are cited: the kind in words stands for the letters of a number; joining words say nothing.
_KINDS = {
    "nghi quyet": "nq", "quyet dinh": "qd", "chi thi": "ct", "ke hoach": "kh", "chuong trinh hanh dong": "ctr",
    "resolution": "nq", "decision": "qd", "directive": "ct", "plan": "kh", "action programme": "ctr",
}
_JOINING = frozenset(["so", "no", "number", "nam", "ngay", "thang", "cua", "ve", "of", "the", "on", "dated"])


class UnknownName(ValueError):
    """Raised for a name or id that is not in the catalogue; the message suggests the nearest ones."""


def fold(text: str) -> str:
    """Return `text` as plain lower-case letters and digits separated by single spaces.

    >>> fold("Thành phố  Hồ Chí Minh"), fold("quang-ninh"), fold("ĐÀ NẴNG")
    ('thanh pho ho chi minh', 'quang ninh', 'da nang')
    """
    plain = unicodedata.normalize("NFC", text).translate(_BARRED)
    letters = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[0-9a-z]+", letters.casefold()))


def citation(text: str) -> frozenset[str]:
    """Return the words of a citation that tell documents apart: "Nghị quyết số 09-NQ/TU" is 9, nq, tu.

    >>> sorted(citation("Nghị quyết số 09-NQ/TU")), sorted(citation("QD411")), sorted(citation("Decision 411 of 2022"))
    (['9', 'nq', 'tu'], ['411', 'qd'], ['2022', '411', 'qd'])
    """
    folded = re.sub(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", " ", fold(text))
    for kind, letters in _KINDS.items():
        folded = re.sub(rf"\b{kind}\b", letters, folded)
    return frozenset(word.lstrip("0") or "0" for word in folded.split() if word not in _JOINING)


def slug(text: str) -> str:
    """Return `text` as an id: ASCII words joined by hyphens.

    >>> slug("Bà Rịa - Vũng Tàu")
    'ba-ria-vung-tau'
    """
    return fold(text).replace(" ", "-")


def match(text: str, names: Mapping[str, str], kind: str, command: str) -> str:
    """Return the id that `text` names.

    Parameters
    ----------
    text
        What the user typed.
    names
        Folded name to id; several names may lead to one id.
    kind, command
        Words for the error: what is looked for, and the command that lists them.

    Raises
    ------
    UnknownName
        Where no name agrees; the message carries up to three suggestions.

    Examples
    --------
    >>> names = {"quang ninh": "quang-ninh", "ha tinh": "ha-tinh"}
    >>> match("Tỉnh Quảng Ninh", names, "area", "dx data list"), match("Hà Tĩnh", names, "area", "dx data list")
    ('quang-ninh', 'ha-tinh')
    >>> match("Quang Nin", names, "area", "dx data list")
    Traceback (most recent call last):
    dxanalysis.facts.names.UnknownName: Unknown area 'Quang Nin'. Did you mean 'quang-ninh'? List them: dx data list
    """
    folded, whole = fold(text), not unfolded(text)
    # Only a leading word is dropped: taking "tinh" out anywhere would turn Hà Tĩnh into "ha".
    for candidate in (folded, _PREFIX.sub("", folded)):
        if candidate and whole and candidate in names:
            return names[candidate]
    ids = suggestions(folded, names)
    hint = f" Did you mean {' or '.join(repr(i) for i in ids)}?" if ids else ""
    why = "" if folded else ": it holds no letter a-z and no digit"
    raise UnknownName(f"Unknown {kind} {text!r}{why}.{hint} List them: {command}")


def unfolded(text: str) -> str:
    """Return the letters and digits of `text` that `fold` passes over: those of other scripts.

    A name that keeps some of its letters only is another name.

    >>> unfolded("Đắk Lắk (2025)"), unfolded("Quảng Ninh 中国")
    ('', '中国')
    """
    return "".join(c for c in text if c.isalnum() and not fold(c))


def suggestions(folded: str, names: Mapping[str, str]) -> list[str]:
    """Return up to three ids whose names are nearest to `folded`, none much farther than the best.

    >>> suggestions("quang nin", {"quang ninh": "quang-ninh", "quang nam": "quang-nam", "ha noi": "ha-noi"})
    ['quang-ninh']
    """
    near = difflib.get_close_matches(folded, names, n=6, cutoff=0.6)
    if not near:
        return []
    best = difflib.SequenceMatcher(None, near[0], folded).ratio()
    close = [name for name in near if difflib.SequenceMatcher(None, name, folded).ratio() >= best - 0.06]
    return list(dict.fromkeys(names[name] for name in close))[:3]



_TABLES: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "words.toml").read_text(encoding="utf-8")
)


def words_of(table: str) -> dict[str, Any]:
    """Return our word -> the words of files, of one table.

    >>> words_of("hints")["quarter"][:2]
    ['trimestre', 'trimester']
    """
    return _TABLES[table]


def meaning(table: str) -> dict[str, str]:
    """Return the word of a file -> our word ("none" is "")."""
    return {word: "" if ours == "none" else ours for ours, words in _TABLES[table].items() for word in words}


def numbers(table: str) -> dict[str, int]:
    """Return the word of a file -> the number it stands for."""
    return {word: int(number) for number, words in _TABLES[table].items() for word in words}
