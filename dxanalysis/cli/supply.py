"""The commands about what is installed: dx licences, dx sbom (bill of materials) and dx audit (known weaknesses)."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from .run import ROOT

LOCK = "requirements.lock"
NOT_ASKED = 3  # exit code of `dx audit` where nobody could be asked
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\\n]*?))? ?\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_CLASSIFIERS = {
    "MIT License": "MIT", "MIT No Attribution License (MIT-0)": "MIT-0", "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0", "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "Public Domain": "CC0-1.0", "BSD": "BSD-3-Clause",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later", "GNU General Public License (GPL)": "GPL",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only", "Artistic License": "Artistic-1.0",
    "The Unlicense (Unlicense)": "Unlicense", "zlib/libpng License": "Zlib",
}  # fmt: skip
_WORDS = {
    "apache license, version 2.0": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache software license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0", "bsd": "BSD-3-Clause", "bsd license": "BSD-3-Clause", "new bsd": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause", "mit license": "MIT", "mit": "MIT", "lgpl": "LGPL-3.0-only",
}  # fmt: skip
# Ours is MIT: packages under these terms may be used beside it, unchanged, without any duty on our own code.
_KINDS = (
    ("copyleft", re.compile(r"\bA?GPL")),
    ("weak copyleft", re.compile(r"\b(?:LGPL|MPL|EPL|CDDL)")),
    ("permissive", re.compile(r"\b(?:MIT|BSD|Apache|ISC|PSF|Python|0BSD|Zlib|CC0|Unlicense|HPND|CNRI|Artistic|BSL)")),
)


@dataclass(frozen=True)
class Pin:
    """One package of a lock file: its version, the systems it is for, and the digests of its files."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def add_supply(commands: Any) -> None:
    """Describe `dx licences`, `dx sbom` and `dx audit`."""
    licences = commands.add_parser("licences", help="the licence of every locked package")
    licences.add_argument("--lock", type=Path, default=ROOT / LOCK)
    licences.set_defaults(command=licences_command)
    sbom = commands.add_parser("sbom", help="write the bill of materials (CycloneDX) of the locked packages")
    sbom.add_argument("file", nargs="?", type=Path, help="a .cdx.json file; the terminal without one")
    sbom.add_argument("--lock", type=Path, default=ROOT / LOCK)
    sbom.set_defaults(command=sbom_command)
    audit = commands.add_parser("audit", help="ask pip-audit for known weaknesses: exit 0 none, 1 some, 3 not asked")
    audit.add_argument("--lock", type=Path, default=ROOT / LOCK)
    audit.set_defaults(command=audit_command)


def licences_command(options: argparse.Namespace) -> int:
    """Print each package with its licence, and a count by kind; exit code 1 where one may not stand beside MIT code."""
    rows = licences(options.lock)
    for row in rows:
        print(f"{row['package']:<34}{row['version']:<18}{row['kind']:<15}{row['licence']}")
    print(", ".join(f"{count} {kind}" for kind, count in Counter(row["kind"] for row in rows).most_common()))
    return int(any(row["kind"] in ("copyleft", "unknown") for row in rows))


def sbom_command(options: argparse.Namespace) -> int:
    """Write the bill of materials."""
    text = json.dumps(bill_of_materials(options.lock), indent=1, ensure_ascii=False) + "\n"
    if options.file is None:
        print(text, end="")
        return 0
    options.file.write_text(text, encoding="utf-8")
    print(f"{len(pins(options.lock))} packages in {options.file}")
    return 0


def audit_command(options: argparse.Namespace) -> int:
    """Ask pip-audit, which asks an advisory service on the network; say so in one line where that cannot be done."""
    program = shutil.which("pip-audit")
    if program is None:
        print(
            "Not asked: pip-audit is not installed (python -m pip install pip-audit, outside .venv).", file=sys.stderr
        )
        return NOT_ASKED
    command = [program, "--disable-pip", "--require-hashes", "-r", str(options.lock), "--progress-spinner", "off",
               "--format", "json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"Not asked: no advisory service answered ({why[:160]}).", file=sys.stderr)
        return NOT_ASKED
    return _told(answers)


def _told(answers: list[Mapping[str, Any]]) -> int:
    """Print what an advisory service said; a package it does not know is not a package without weaknesses."""
    weak = [(one, fault) for one in answers for fault in one.get("vulns", ())]
    for one, fault in weak:
        mended = ", ".join(fault["fix_versions"]) or "no version"
        print(f"{one['name']} {one['version']}: {fault['id']}, mended in {mended}")
    unknown = [one["name"] for one in answers if "skip_reason" in one]
    print(f"{len(answers) - len(unknown)} of {len(answers)} packages audited, {len(weak)} known weaknesses")
    if unknown:
        print(f"Not audited, unknown to the service: {', '.join(unknown[:5])} … {len(unknown)} in all", file=sys.stderr)
    return 1 if weak else NOT_ASKED if unknown else 0


def pins(lock: Path) -> list[Pin]:
    """Return the packages of a lock file, in its order.

    Raises
    ------
    ValueError
        When the file pins nothing.
    """
    found: list[Pin] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        match = _PIN.match(line)
        if match:
            found.append(Pin(match["name"], match["version"], match["marker"] or "", ()))
        elif found and (digest := _HASH.search(line)):
            last = found[-1]
            found[-1] = Pin(last.name, last.version, last.marker, (*last.hashes, digest[1]))
    if not found:
        raise ValueError(f"{lock} pins no package. Name a lock file, such as {LOCK}.")
    return found


def licences(lock: Path) -> list[dict[str, str]]:
    """Return package, version, licence and kind for each package of a lock file that this machine needs."""
    installed = {normal(one.metadata["Name"]): one for one in metadata.distributions()}
    rows = []
    for pin in pins(lock):
        found = installed.get(normal(pin.name))
        if found is None:
            rows.append({"package": pin.name, "version": pin.version, "licence": pin.marker or "?", "kind": "not here"})
            continue
        licence = licence_of(found.metadata)
        rows.append({"package": pin.name, "version": pin.version, "licence": licence, "kind": kind_of(licence)})
    return rows


def licence_of(about: Any) -> str:
    """Return the licence a package states: its expression, else its classifiers, else its own word; "" where none.

    >>> from email.message import Message
    >>> about = Message()
    >>> about["Classifier"] = "License :: OSI Approved :: MIT License"
    >>> licence_of(about)
    'MIT'
    """
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    named = [line.rsplit(" :: ", 1)[-1] for line in about.get_all("Classifier", []) if line.startswith("License")]
    known = [_CLASSIFIERS.get(name, name) for name in named if name != "OSI Approved"]
    word = str(about.get("License") or "").strip()
    return " OR ".join(dict.fromkeys(known)) or _WORDS.get(word.casefold(), word.splitlines()[0][:60] if word else "")


def kind_of(licence: str) -> str:
    """Return permissive, weak copyleft, copyleft or unknown: the mildest of a choice, the strictest of several at once.

    >>> kind_of("Apache-2.0 AND MIT"), kind_of("MPL-2.0 AND MIT"), kind_of("GPL-2.0-or-later OR MIT"), kind_of("")
    ('permissive', 'weak copyleft', 'permissive', 'unknown')
    """
    order = [name for name, _ in _KINDS]
    kinds = [
        next((name for name, pattern in _KINDS if pattern.search(choice)), "unknown")
        for choice in licence.split(" OR ")
    ]
    known = [kind for kind in kinds if kind != "unknown"]
    return max(known, key=order.index, default="unknown")


def bill_of_materials(lock: Path) -> dict[str, Any]:
    """Return the locked packages as a CycloneDX 1.6 document; the same lock and environment give the same bytes."""
    from dxanalysis import __version__

    found, rows = pins(lock), licences(lock)
    ours = f"pkg:generic/dxanalysis@{__version__}"
    number = uuid.uuid5(uuid.NAMESPACE_URL, f"{ours} {[(pin.name, pin.version, pin.hashes) for pin in found]}")
    references = {normal(pin.name): _reference(pin) for pin in found}
    component = {"type": "application", "name": "dxanalysis", "version": __version__, "bom-ref": ours, "purl": ours}
    component |= {"licenses": [{"license": {"id": "MIT"}}]}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}", "version": 1, "metadata": {"component": component},
        "components": [_component(pin, row) for pin, row in zip(found, rows, strict=True)],
        "dependencies": [{"ref": ours, "dependsOn": sorted(_needs("dxanalysis", references))},
                         *({"ref": _reference(pin), "dependsOn": sorted(_needs(pin.name, references))}
                           for pin in found)],
    }  # fmt: skip


def normal(name: str) -> str:
    """Return the one way to write a package's name.

    >>> normal("Jinja2"), normal("ruamel.yaml_clib")
    ('jinja2', 'ruamel-yaml-clib')
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def _reference(pin: Pin) -> str:
    return f"pkg:pypi/{normal(pin.name)}@{pin.version}"


def _component(pin: Pin, row: Mapping[str, str]) -> dict[str, Any]:
    reference = _reference(pin)
    licence = {"licenses": [_licence(row["licence"])]} if row["kind"] not in ("unknown", "not here") else {}
    where = {"properties": [{"name": "dxanalysis:marker", "value": pin.marker}]} if pin.marker else {}
    hashes = {"hashes": [{"alg": "SHA-256", "content": digest} for digest in pin.hashes]}
    return {"type": "library", "name": pin.name, "version": pin.version, "bom-ref": reference, "purl": reference,
            **licence, **hashes, **where}  # fmt: skip


def _licence(text: str) -> dict[str, Any]:
    """Return a licence as an expression where it is one of SPDX, else by its name."""
    spdx = re.fullmatch(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*", text)
    return {"expression": text} if spdx else {"license": {"name": text}}


def _needs(name: str, references: Mapping[str, str]) -> Iterable[str]:
    """Yield what a package says it requires, as far as it is locked."""
    try:
        required = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    names = {normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in required if "extra ==" not in line}
    yield from (references[one] for one in names if one in references)
