"""Open a stranger's file without trusting it, and turn texts in old Vietnamese fonts into Unicode."""

from __future__ import annotations

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dxanalysis.facts.names import CONTROL, words_of
from dxanalysis.facts.schema import MAX_FILE_BYTES, DataError, refuse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_LINE_CHARACTERS = 1_000_000
MAX_ARCHIVE_BYTES = 512 * 1024 * 1024
MAX_ARCHIVE_PARTS = 5_000
MAX_PACKING = 250
MAX_CELLS = 5_000_000

_VIETNAMESE = "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵ"
_PRINTED_SIGNS = "…–—‘’“”•°±²³₫€\u00a0‰"  # none of them is a letter in TCVN3 or VNI
_FOREIGN = re.compile(rf"[^\x00-\x7f{_VIETNAMESE}{_VIETNAMESE.upper()}{_PRINTED_SIGNS}]")
_LATIN = re.compile(r"[\x00-\x7f\u00a0°ºª²³µ€£%‰§–—…«»ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ]*")
_DANGEROUS_PARTS = {
    "xl/vbaproject.bin": "macros",
    "xl/connections.xml": "a connection to outside data",
    "xl/querytables/": "a query to outside data",
    "xl/embeddings/": "an embedded file",
    "xl/activex/": "an ActiveX control",
}


def readable(path: str | Path) -> Path:
    """Return the path of a file that can be read whole.

    Raises
    ------
    DataError
        When the file is absent, a folder, empty, or larger than 256 MB.
    """
    path = Path(path)
    if not path.exists():
        raise refuse(path.name, f"does not exist in {path.parent.absolute()}.", "Check the spelling of the path.")
    if not path.is_file():
        raise refuse(path.name, "is not a file.", "Name one file to import.")
    size = path.stat().st_size
    if size == 0:
        raise refuse(path.name, "is empty (0 bytes).", "Export it again from its source.")
    if size > MAX_FILE_BYTES:
        message = f"has {size / 1024**2:,.0f} MB; at most {MAX_FILE_BYTES // 1024**2} MB are read at once."
        raise refuse(path.name, message, "Split it, and import the parts one by one.")
    return path


def read_bytes(path: str | Path) -> bytes:
    """Read a whole file after looking at its size (see `readable`)."""
    return readable(path).read_bytes()


def decode(data: bytes, name: str, *, declared: str = "", fallback: str = "") -> tuple[str, str]:
    """Decode text as UTF-8, UTF-16 or Windows-1258 and return it composed (NFC), with the name of the encoding.

    A declared encoding (of a PX file) is used when the bytes are not UTF-8, a fallback when nothing else fits.
    Windows-1258 is accepted only when every
    letter it gives is Vietnamese, so that text in an old font encoding (TCVN3, VNI) is refused instead of garbled.

    Raises
    ------
    DataError
        When no encoding fits, the text holds control characters, or a line is longer than a million characters.

    >>> decode("Quảng Ninh".encode("utf-16"), "a.csv")
    ('Quảng Ninh', 'utf-16')
    >>> decode(b"Qu\\xb6ng Ninh", "old.csv")
    Traceback (most recent call last):
    dxanalysis.facts.schema.DataError: The data were refused (1 problems):
      old.csv: is neither UTF-8, UTF-16 nor Windows-1258: byte 0xb6 at position 2 is no Vietnamese letter. Save it as \
'CSV UTF-8' and try again.
    """
    text, encoding = _decode(data, name, declared, fallback)
    if "\ufffd" in text:
        message = f"holds the sign of a lost letter (U+FFFD) at position {text.index(chr(0xFFFD))}."
        raise refuse(name, message, "An earlier conversion damaged it: export it again from its source.")
    control = CONTROL.search(text)
    if control:
        message = f"holds the control character U+{ord(control.group()):04X} at position {control.start()}."
        raise refuse(name, message, "It is not a plain table: export it as 'CSV UTF-8' or XLSX.")
    _refuse_long_lines(text, name)
    return unicodedata.normalize("NFC", text), encoding


def _decode(data: bytes, name: str, declared: str, fallback: str) -> tuple[str, str]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _strictly(data, "utf-16", name), "utf-16"
    wide = _utf16_without_mark(data)
    if wide:
        return _strictly(data, wide, name), wide
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.start > len(data) - 4:
            raise refuse(name, "ends inside a letter: it is truncated.", "Fetch or export it again.") from None
    return _one_byte(data, name, declared, fallback)


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"looks like {encoding} but byte {error.start} does not fit ({error.reason}): damaged or truncated."
        raise refuse(name, message, "Export it again as 'CSV UTF-8'.") from None


def _utf16_without_mark(data: bytes) -> str:
    head = data[:400]
    if len(head) < 4:
        return ""
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if odd > len(head) * 0.3 and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) * 0.3 and odd == 0 else ""


def _one_byte(data: bytes, name: str, declared: str, fallback: str) -> tuple[str, str]:
    for encoding in filter(None, (declared, "cp1258", fallback)):
        try:
            text = unicodedata.normalize("NFC", data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding in (declared, fallback) or not _FOREIGN.search(text):
            return text, encoding
    latin = data.decode("cp1252", errors="replace")
    if "\ufffd" not in latin and detect(re.split(r"[;,\t\n|]", latin[:200_000])):
        return latin, "cp1252"  # an old Vietnamese font, whose letters `read_csv` converts
    if not re.search(rb"[\x80-\x9f]", data) and _LATIN.fullmatch(latin):
        return latin, "cp1252"
    high = [i for i, byte in enumerate(data) if byte > 127]
    position = next((i for i in high if not _fits(data, i)), high[0])
    where = f"byte 0x{data[position]:02x} at position {position}"
    message = f"is neither UTF-8, UTF-16 nor Windows-1258: {where} is no Vietnamese letter."
    raise refuse(name, message, "Save it as 'CSV UTF-8' and try again.")


def _fits(data: bytes, position: int) -> bool:
    """Tell whether one high byte, with the letter before it, reads as a Vietnamese letter in Windows-1258."""
    try:
        pair = unicodedata.normalize("NFC", data[max(0, position - 1) : position + 1].decode("cp1258"))
    except UnicodeDecodeError:
        return False
    return not _FOREIGN.search(pair[-1])


def _refuse_long_lines(text: str, name: str) -> None:
    start = line = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line += 1
        if end - start > MAX_LINE_CHARACTERS:
            message = f"the line has {end - start:,} characters; at most {MAX_LINE_CHARACTERS:,} are read."
            raise refuse(name, message, "It is not a table: check how it was exported.", row=line)
        start = end + 1


def open_archive(path: str | Path) -> zipfile.ZipFile:
    """Open an XLSX file as the archive it is, after looking for bombs, macros and links to the outside.

    Raises
    ------
    DataError
        When the archive is damaged, unpacks to more than 512 MB or 250 times its size, is encrypted, or holds macros,
        outside connections or embedded files.
    """
    path = readable(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise refuse(path.name, f"is damaged or truncated ({error}).", "Fetch or save it again.") from None
    try:
        _inspect(archive, path.name)
    except DataError:
        archive.close()
        raise
    return archive


def _inspect(archive: zipfile.ZipFile, name: str) -> None:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    if len(parts) > MAX_ARCHIVE_PARTS or total > MAX_ARCHIVE_BYTES or (total > 2**23 and total / packed > MAX_PACKING):
        message = f"unpacks from {packed:,} to {total:,} bytes in {len(parts):,} parts: it looks like a zip bomb."
        raise refuse(name, message, "Save the one sheet you need as a new workbook.")
    if any(part.flag_bits & 1 for part in parts):
        raise refuse(name, "is protected by a password.", "Save it without one.")
    for part in parts:
        _refuse_dangerous(part.filename, name)


def _refuse_dangerous(part: str, name: str) -> None:
    for start, what in _DANGEROUS_PARTS.items():
        if part.lower().startswith(start):
            cure = "Copy the figures, paste them as values into a new workbook, and import that."
            raise refuse(name, f"holds {what} ({part}).", cure)


def read_part(archive: zipfile.ZipFile, part: str, name: str) -> bytes:
    """Read one part of an archive, never more than its stated size."""
    try:
        info = archive.getinfo(part)
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except (KeyError, zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zlib.error) as error:
        raise refuse(name, f"is damaged: its part {part} cannot be read ({error}).", "Save it again.") from None
    if len(data) > info.file_size:
        raise refuse(name, f"is damaged: its part {part} is longer than it says.", "Save it again.")
    return data


def parse_xml(data: bytes, name: str) -> Element:
    """Parse XML that may declare neither a document type nor entities.

    Raises
    ------
    DataError
        When the XML is broken, or declares a document type or an entity.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        message = "declares a document type or entities, through which a file can read others."
        raise refuse(name, message, "Remove the <!DOCTYPE ...> part.") from None
    except (ParseError, ValueError, LookupError) as error:
        raise refuse(name, f"is not well-formed XML ({error}).", "It may be truncated: fetch it again.") from None


def local_name(tag: str) -> str:
    """Return an XML tag without its namespace.

    >>> local_name("{http://www.sdmx.org}Obs")
    'Obs'
    """
    return re.sub(r"^\{[^}]*\}", "", tag)


def children(element: Element, tag: str) -> Iterator[Element]:
    """Yield the direct children with this local name, whatever their namespace."""
    return (child for child in element if isinstance(child.tag, str) and local_name(child.tag) == tag)


# ---------------------------------------------------------------- old fonts


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
_VNI_LETTERS = dict(zip("ñÑæóòîôöÔÖÆ", "đĐỉĩịỵơưƠƯỈ", strict=True))
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
