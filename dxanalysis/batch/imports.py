"""Import papermill without the second of processor time that it spends on something it never uses."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any

GRAMMAR = "rfc3987_syntax"  # what jsonschema checks internationalised addresses with

_LOCK = threading.Lock()


def import_papermill() -> ModuleType:
    """Return papermill; safe to call from several threads at once."""
    with _LOCK, grammar_deferred():
        return importlib.import_module("papermill")


@contextlib.contextmanager
def grammar_deferred() -> Iterator[None]:
    """Let jsonschema be imported without its grammar of addresses, which is compiled at its first use.

    jsonschema imports the grammar in order to check the formats ``iri`` and ``iri-reference``; the package compiles it
    while it is imported. No notebook has such a field, and every program that reads one pays for it.
    """
    if GRAMMAR in sys.modules or "jsonschema" in sys.modules or importlib.util.find_spec(GRAMMAR) is None:
        yield
        return
    stand_in = ModuleType(GRAMMAR)
    stand_in.is_valid_syntax = _is_valid_syntax  # type: ignore[attr-defined]
    sys.modules[GRAMMAR] = stand_in
    try:
        yield
    finally:
        if sys.modules.get(GRAMMAR) is stand_in:
            del sys.modules[GRAMMAR]


def _is_valid_syntax(*asked: Any) -> bool:
    return importlib.import_module(GRAMMAR).is_valid_syntax(*asked)
