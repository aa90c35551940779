"""Executed notebooks as pages: what is shown, and what a stranger's notebook cannot do."""

import re

import nbformat
import pytest

from dxanalysis.delivery.site.markup import notebook_markup
from tests.site_support import PICTURE, code, html_output, leave_notebook, prose


def shown(tmp_path, *cells, files="../run/"):
    leave_notebook(tmp_path / "x.ipynb", cells)
    return notebook_markup(tmp_path / "x.ipynb", files)


def test_prose_code_and_results_are_shown(tmp_path):
    stream = nbformat.v4.new_output("stream", name="stdout", text="\x1b[31mred <b>\x1b[0m")
    text = shown(
        tmp_path,
        prose("# Question\n\n**bold**"),
        code("x = 1 < 2", stream, html_output("<table><tr><td>7</td></tr></table>")),
    )
    assert "<h2>Question</h2>" in text and "<strong>bold</strong>" in text
    assert '<span class="n">x</span>' in text and "&lt;" in text
    assert "<pre>red &lt;b&gt;</pre>" in text
    assert re.search(r'<div class="scroll" tabindex="0" role="group".*?<table><tbody><tr><td>7</td>', text)


def test_pictures_keep_their_description(tmp_path):
    ours = html_output(
        f'<figure style="x"><img alt="Đường đi" src="data:image/png;base64,{PICTURE}" style="y"></figure>'
    )
    plain = nbformat.v4.new_output("display_data", {"image/png": PICTURE}, metadata={"image/png": {"alt": 'a"b'}})
    text = shown(tmp_path, code("1", ours, plain))
    assert f'alt="Đường đi" src="data:image/png;base64,{PICTURE}"' in text
    assert 'alt="a&quot;b"' in text
    assert "style=" not in text


def test_links_lead_to_files_beside_the_notebook_or_to_the_web(tmp_path):
    (tmp_path / "trend vi.png").write_bytes(b"")
    (tmp_path.parent / "above.png").write_bytes(b"")
    links = [
        "trend%20vi.png", "missing.png", "../above.png", "https://example.vn/", "javascript:alert(1)",
        "/etc/passwd", "file:///etc/passwd", "//evil.example/x", "data:text/html,x", "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
    ]
    text = shown(tmp_path, code("1", html_output("".join(f'<a href="{one}">x</a>' for one in links))))
    assert re.findall(r'href="([^"]*)"', text) == ["../run/trend%20vi.png", "https://example.vn/"]


TRICKS = [
    "<script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action=//evil.example><input name=q><button>x</button></form>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>@import '//evil.example/x.css'</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<video src=//evil.example/x autoplay></video>",
    "<p style='background:url(//evil.example/x)' onclick=alert(1) id=language class='skip hidden'>x</p>",
    "<img src='https://evil.example/pixel.png'>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<!--><script>alert(1)</script>-->",
    "</section></main><script>alert(1)</script>",
    "<a href='x' ping='//evil.example'>x</a>",
]
HARM = re.compile(
    r"<(?:script|iframe|object|embed|form|input|button|style|link|meta|base|svg|math|video|template|noscript)\b"
    r"|\son\w+=|javascript:|srcdoc|ping=|\sid=\"language|class=\"[^\"]*(?:skip|hidden)|(?:src|href)=\"?(?:https?:)?//",
    re.I,
)


@pytest.mark.parametrize("trick", TRICKS)
def test_nothing_of_a_stranger_s_notebook_runs_or_asks_the_network(tmp_path, trick):
    as_markdown = nbformat.v4.new_output("display_data", {"text/markdown": trick})
    raw = nbformat.v4.new_raw_cell(trick)
    plain = nbformat.v4.new_output("execute_result", {"text/plain": trick}, execution_count=1)
    stream = nbformat.v4.new_output("stream", name="stderr", text=trick)
    error = nbformat.v4.new_output("error", ename=trick, evalue=trick, traceback=[trick])
    text = shown(
        tmp_path,
        prose(f"before {trick}"),
        prose(trick),
        raw,
        code(trick, html_output(trick), as_markdown, plain, stream, error),
    )
    tags = "".join(re.findall(r"<[a-zA-Z/][^<>]*>", text))  # what is escaped is text and may say anything
    assert not HARM.search(tags), HARM.search(tags)


def test_scripts_and_widgets_are_not_shown_but_said(tmp_path):
    script = nbformat.v4.new_output("display_data", {"application/javascript": "alert(1)"})
    widget = nbformat.v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}})
    text = shown(tmp_path, code("1", script, widget))
    assert "alert" not in text and "model_id" not in text


def test_a_notebook_s_own_language_name_and_ids_stay_out_of_the_page(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[code("x = 1")])
    notebook.metadata = {
        "language_info": {"name": '"><img src=x onerror=alert(1)>'},
        "kernelspec": {"name": "<b>", "display_name": "<b>"},
    }
    notebook.cells[0]["id"] = "language"
    nbformat.write(notebook, tmp_path / "x.ipynb")
    text = notebook_markup(tmp_path / "x.ipynb", "")
    assert "onerror" not in text and 'id="language"' not in text


@pytest.mark.parametrize("content", [
    "",
    "{",
    '{"cells": 3}',
    "[]",
    '{"cells": [], "nbformat": 99, "nbformat_minor": 0, "metadata": {}}',
    '{"nbformat": 4}',
])
def test_a_broken_notebook_is_named_not_fatal(tmp_path, content):
    (tmp_path / "x.ipynb").write_text(content, encoding="utf-8")
    assert "This notebook cannot be read" in notebook_markup(tmp_path / "x.ipynb", "")


def test_a_heading_never_stands_above_that_of_the_page(tmp_path):
    text = shown(tmp_path, prose("# a\n## b\n### c\n###### d"), code("1", html_output("<h1>e</h1>")))
    assert "<h1" not in text
    assert "<h2>a</h2>" in text and "<h3>b</h3>" in text and "<h2>e</h2>" in text
