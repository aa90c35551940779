"""Change valid files a little, the way damage and malice do: from one seed always in the same way."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence

from .samples import zipped

NASTY = [
    *(b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[2J\x1b[31m", b"\x7f", b"\r", b"\t", b"\n", b'"', b"'", b"\\"),
    *(b"NaN", b"nan", b"inf", b"-Infinity", b"1e308", b"1e999", b"-0", b"-0.0", b"9" * 400, b"9" * 5000, b"0x1F"),
    *(b"=cmd|' /C calc'!A0", b"+1", b"-1", b"@SUM(A1)", b"../../etc/passwd", b"/etc/passwd", b"..\\..\\a", b"CON"),
    *(b"javascript:alert(1)", b"<script>alert(1)</script>", b"<svg onload=alert(1)>", b"&lt;", b"&a;", b"%s%n", b"{0}"),
    *(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', b"<![CDATA[", b"]]>", b"<?xml", b"xmlns:", b"/>"),
    *(b"!!python/object/apply:os.system ['id']", b"&a [*a,*a]", b"<<: *a", b"---", b"? ", b"- ", b": ", b"{", b"}"),
    *(b"[" * 3000, b"(" * 150, b"-" * 2000, b"{" * 2000, b"]" * 9, b"lambda:0", b"__import__('os')", b"1j", b"..."),
    *(b"null", b"true", b"[]", b"{}", b'""', b"[[]]", b"-1", b"0", b"1", b"1.5", b"1e400", b"2023", b"Q5/2023", b"M13"),
    *(word.encode() for word in ("\u202e", "\u200b", "\ufeff", "e\u0301", "Ð", "Ha Nо\u0456")),
    *("٣".encode(), "²".encode(), "½".encode(), "Ⅷ".encode(), "İ".encode(), "ß".encode(), "\U0001f600".encode()),
    *(b";;;;;;;;", b",,,,,,,,", b"\n\n\n\n", b"DATA=", b"KEYS(", b"TLIST(A1)", b";", b"|", b"(", b")", b"*", b"# "),
]


def mutated(chance: random.Random, samples: Sequence[bytes]) -> bytes:
    """Return one sample changed in one to six places; an archive is often changed inside its parts."""
    data = chance.choice(samples)
    if data[:4] == b"PK\x03\x04" and chance.random() < 0.7:
        return _inside(chance, data)
    return _changed(chance, data, samples)


def _changed(chance: random.Random, data: bytes, samples: Sequence[bytes]) -> bytes:
    held = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        chance.choice(CHANGES)(chance, held, samples)
    return bytes(held)


def _inside(chance: random.Random, data: bytes) -> bytes:
    """Change one or two parts of an archive and pack it again, so that the checksums hold."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in chance.sample(sorted(parts), min(len(parts), chance.choice((1, 1, 2)))):
        if chance.random() < 0.05:
            del parts[name]
        else:
            parts[name] = _changed(chance, parts[name], list(parts.values()))
    return zipped(parts)


def _place(chance: random.Random, held: bytearray) -> int:
    return chance.randrange(len(held) + 1)


def _flip(chance: random.Random, held: bytearray, _: Sequence[bytes]) -> None:
    if held:
        held[chance.randrange(len(held))] ^= 1 << chance.randrange(8)


def _set(chance: random.Random, held: bytearray, _: Sequence[bytes]) -> None:
    if held:
        held[chance.randrange(len(held))] = chance.randrange(256)


def _insert(chance: random.Random, held: bytearray, _: Sequence[bytes]) -> None:
    at = _place(chance, held)
    held[at:at] = chance.choice(NASTY)


def _replace(chance: random.Random, held: bytearray, _: Sequence[bytes]) -> None:
    """Put something nasty in the place of one whole word or number."""
    start = _place(chance, held)
    end = start
    while end < len(held) and (chr(held[end]).isalnum() or held[end] in b"._-") and end - start < 40:
        end += 1
    held[start:end] = chance.choice(NASTY)


def _cut(chance: random.Random, held: bytearray, _: Sequence[bytes]) -> None:
    start = _place(chance, held)
    del held[start : start + chance.choice((1, 1, 2, 5, 30, len(held)))]


def _repeat(chance: random.Random, held: bytearray, _: Sequence[bytes]) -> None:
    start, length = _place(chance, held), chance.choice((1, 3, 10, 60))
    held[start:start] = held[start : start + length] * chance.choice((1, 2, 40))


def _swap(chance: random.Random, held: bytearray, _: Sequence[bytes]) -> None:
    lines = bytes(held).split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    held[:] = b"\n".join(lines)


def _splice(chance: random.Random, held: bytearray, samples: Sequence[bytes]) -> None:
    other, at = chance.choice(samples), _place(chance, held)
    start = chance.randrange(len(other) + 1)
    held[at:] = other[start : start + 4000]


CHANGES = (_flip, _set, _set, _insert, _insert, _replace, _replace, _replace, _cut, _cut, _repeat, _swap, _splice)
