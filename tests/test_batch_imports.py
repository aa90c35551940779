"""papermill is imported without a grammar that nobody asks for, and the grammar still works when somebody does."""

import subprocess
import sys

import pytest

pytest.importorskip("rfc3987_syntax", reason="jsonschema has no grammar of addresses here")

IMPORT = """
import sys
from dxanalysis.batch.imports import import_papermill
papermill = import_papermill()
assert papermill is sys.modules["papermill"]
"""


def said(code: str) -> list[str]:
    """Run code after the import in a new interpreter and return the words that it prints."""
    words = [sys.executable, "-c", code.replace("IMPORT", IMPORT)]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()


def test_papermill_comes_without_the_grammar_of_addresses():
    assert said("IMPORT\nprint('rfc3987_syntax' in sys.modules, 'lark' in sys.modules)") == ["False", "False"]


def test_an_address_is_still_checked_by_the_grammar():
    code = """IMPORT
import jsonschema
kind = jsonschema.Draft202012Validator
judge = kind({"type": "string", "format": "iri"}, format_checker=kind.FORMAT_CHECKER)
print(judge.is_valid("https://ví-dụ.vn/số"), judge.is_valid("không phải địa chỉ"))
"""
    assert said(code) == ["True", "False"]


def test_a_grammar_that_is_loaded_already_is_left_alone():
    code = "import rfc3987_syntax as before\nIMPORT\nprint(sys.modules['rfc3987_syntax'] is before)"
    assert said(code) == ["True"]
