"""How far a batch is."""

import io

from dxanalysis.batch import reporting


def test_lines_tell_each_run_and_what_is_left(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(reporting.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    lines = reporting.Lines(stream)
    lines.begin(4, 2)
    lines.started("a", 1)
    lines.started("b", 2)
    now[0] = 110.0
    lines.finished("a", "done", 10.0, "")
    lines.finished("b", "failed", 10.0, "ValueError: x")
    lines.finished("c", "interrupted", 1.0, "stopped")  # it is still to be done
    assert stream.getvalue().splitlines() == [
        "again   b (attempt 2)",
        "done    a (10.0 s) [1/4 done, 1 running]",
        "failed  b (10.0 s): ValueError: x [2/4 done, 1 failed, about 0:10 left]",
        "interrupted c (1.0 s): stopped [2/4 done, 1 failed, about 0:10 left]",
    ]


def test_a_log_gets_lines_and_silence_is_possible():
    assert isinstance(reporting.choose(True), reporting.Lines)
    assert isinstance(reporting.choose(False), reporting.Progress)
    own = reporting.Lines(io.StringIO())
    assert reporting.choose(own) is own


def test_the_live_line_names_the_run_that_takes_longest(capsys):
    live = reporting.Live()
    live.begin(2, 1)
    live.started("a", 1)
    live.finished("a", "failed", 1.0, "ValueError: [x]")
    live.end()
    assert "failed a: ValueError: [x]" in capsys.readouterr().err
