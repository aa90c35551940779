"""Vietnamese text in the old font encodings TCVN3 (ABC) and VNI, and UTF-8 read as Windows-1252: tell and convert."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from dxanalysis.facts.understand.words import words_of

# TCVN3 stores one byte per letter; capitals come from the font (.VnTimeH), so that the letters are small.
_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ§¡¢£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĐĂÂÊÔƠƯ",
        strict=True,
    )
)
# VNI writes a letter and behind it a sign for its marks.
_VNI_SIGNS = {
    "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323", "â": "\u0302", "á": "\u0302\u0301",
    "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303", "ä": "\u0302\u0323", "ê": "\u0306",
    "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}
_VNI_LETTERS = {
    "ñ": "đ",
    "Ñ": "Đ",
    "æ": "ỉ",
    "ó": "ĩ",
    "ò": "ị",
    "î": "ỵ",
    "ô": "ơ",
    "ö": "ư",
    "Ô": "Ơ",
    "Ö": "Ư",
    "Æ": "Ỉ",
}
_VNI_SIGNS |= {sign.upper(): marks for sign, marks in _VNI_SIGNS.items()}
_VNI = re.compile(rf"([aeouyAEOUYôöÔÖ])([{''.join(_VNI_SIGNS)}])|([{''.join(_VNI_LETTERS)}])")
# Frequent words of tables: a conversion that makes none of them is no conversion.
_WORDS = frozenset(words_of("other")["vietnamese"])
_TELLING = re.compile(r"(?<=\w)[µ¸¶·¹¨»¾¼½Æ©®ÐÎÏÑª×ÝÖÞßð«¬ñ÷þ¦§](?=\w)|(?<=\w)[µ¸¶·¹¨ª«¬]")
_PROPER = re.compile(r"[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")


def from_tcvn3(text: str) -> str:
    """Return text of a TCVN3 font as Unicode.

    >>> from_tcvn3("TØnh"), from_tcvn3("Qu¶ng Ninh"), from_tcvn3("Hµ Néi")
    ('Tỉnh', 'Quảng Ninh', 'Hà Nội')
    """
    return "".join(_TCVN3.get(letter, letter) for letter in text)


def from_vni(text: str) -> str:
    """Return text of a VNI font as Unicode.

    >>> from_vni("Tænh"), from_vni("Quaûng Ninh"), from_vni("Haø Noäi")
    ('Tỉnh', 'Quảng Ninh', 'Hà Nội')
    """

    def one(match: re.Match[str]) -> str:
        letter, sign, single = match.groups()
        base = _VNI_LETTERS.get(single or letter, single or letter)
        return unicodedata.normalize("NFC", base + _VNI_SIGNS.get(sign or "", ""))

    return _VNI.sub(one, text)


def from_mojibake(text: str) -> str:
    """Return the UTF-8 text that was read as Windows-1252; the text itself where it was not.

    >>> from_mojibake("Quáº£ng Ninh")
    'Quảng Ninh'
    """
    data = bytearray()
    for letter in text:
        try:
            data += letter.encode("cp1252")
        except UnicodeEncodeError:
            if ord(letter) > 255:
                return text
            data.append(ord(letter))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return text


CONVERSIONS: dict[str, Callable[[str], str]] = {
    "the old font encoding TCVN3 (ABC)": from_tcvn3,
    "the old font encoding VNI": from_vni,
    "UTF-8 that was read as Windows-1252": from_mojibake,
}


def is_unicode(text: str) -> bool:
    """Tell whether a text holds a letter that only Unicode Vietnamese has."""
    return bool(_PROPER.search(text))


def in_old_font(text: str) -> bool:
    """Tell whether a text holds a sign that TCVN3 uses as a letter and Unicode Vietnamese never does.

    >>> in_old_font("Th¸ng 8 n¨m 2006"), in_old_font("Thành phố"), in_old_font("Hà Nội")
    (True, False, False)
    """
    return bool(_TELLING.search(text)) and not _PROPER.search(text)


def detect(texts: Iterable[str]) -> str:
    """Return which of `CONVERSIONS` makes Vietnamese of these texts, or "" where they need none.

    >>> detect(["TØnh", "Qu¶ng Ninh", "Hµ Néi"]), detect(["Tỉnh", "Hà Nội"]), detect(["Année", "Région"])
    ('the old font encoding TCVN3 (ABC)', '', '')
    """
    held = [text for text in dict.fromkeys(texts) if not text.isascii()]
    if any(_PROPER.search(text) for text in held):  # a sheet in which some cells stand in an old font
        held = [text for text in held if in_old_font(text)]
    if not held:
        return ""
    scores = {name: _score(map(convert, held)) for name, convert in CONVERSIONS.items()}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] > max(1, _score(held)) else ""


def _score(texts: Iterable[str]) -> int:
    return sum(word in _WORDS and not word.isascii() for text in texts for word in re.findall(r"\w+", text.casefold()))
