"""Name the folder of a run from a template and the parameters that differ from the notebook's defaults."""

from __future__ import annotations

import hashlib
import re
import string
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from .errors import BatchError, shown

Template = str | Callable[[str, Mapping[str, Any]], str]
SIGNS = frozenset('/\\:*?"<>|%')
RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
LONGEST = 120  # bytes; a file name may have 255, and the suffixes share one name


def safe(value: Any) -> str:
    """Write a value so that it can be part of a file name everywhere, and two values never look the same.

    Examples
    --------
    >>> safe("Quảng Ninh"), safe("a/b"), safe(2.5), safe(["01", "02"]), safe(""), safe("..")
    ('Quảng Ninh', 'a%2Fb', '2.5', '01,02', '%', '%2E%2E')
    """
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    text = unicodedata.normalize("NFC", text)
    # What is not printable a terminal obeys or a reader cannot see: control characters, marks of direction or no width.
    text = "".join(c if c.isprintable() and c not in SIGNS else f"%{ord(c):02X}" for c in text) or "%"
    if text.startswith((".", "-", "_")) or text.endswith((".", " ")):
        text = re.sub(r"^[._-]+|[. ]+$", lambda found: "".join(f"%{ord(c):02X}" for c in found[0]), text)
    if RESERVED.match(text):
        text = f"%{ord(text[0]):02X}{text[1:]}"
    return _short(text)


def folder_name(template: Template, notebook: str, parameters: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Return the folder of a run, relative to the output folder.

    Parameters
    ----------
    template : str or function
        ``"{area}/{year}/{notebook}"``; fields are parameters or ``notebook`` (its name without the ending).
        A function takes the notebook's name and the parameters and returns such a text.
    notebook : str
        Name of the notebook without the ending.
    parameters, defaults : mapping
        All parameters of the run, and what the notebook itself would use.

    Returns
    -------
    str
        The filled template; every other parameter that differs from its default follows as ``--name=value``.

    Examples
    --------
    >>> defaults = {"area": "quang-ninh", "year": 2025, "lang": "vi", "as_of": "latest"}
    >>> folder_name("{area}/{year}/{notebook}", "30_attainment", defaults | {"as_of": "2023-12-31"}, defaults)
    'quang-ninh/2025/30_attainment--as_of=2023-12-31'
    >>> folder_name("{town}/{notebook}", "n", {"year": 1}, {})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    dxanalysis.batch.errors.BatchError: ... asks for 'town', which n does not have. Its fields may be: notebook, year.
    """
    if callable(template):
        template = template(notebook, parameters)
    values = {"notebook": notebook, **parameters}
    used = [field for _, field, _, _ in string.Formatter().parse(template) if field is not None]
    for field in used:
        if field not in values:
            raise BatchError(
                f"The template {template!r} asks for {field!r}, which {notebook} does not have. "
                f"Its fields may be: {shown(values)}."
            )
    filled = template.format(**{name: safe(value) for name, value in values.items()})
    others = {name: value for name, value in parameters.items() if name not in used and value != defaults.get(name)}
    path = PurePosixPath(filled + _short("".join(f"--{name}={safe(value)}" for name, value in others.items())))
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise BatchError(
            f"The template {template!r} leads to {str(path)!r}, outside the output folder. Write a relative path."
        )
    return str(path)


def _short(text: str) -> str:
    """Cut a long name and put a digest of the whole at its end, so that two long names still differ."""
    data = text.encode()
    if len(data) <= LONGEST:
        return text
    return data[: LONGEST - 13].decode(errors="ignore") + "~" + hashlib.sha256(data).hexdigest()[:12]
