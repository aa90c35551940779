"""Ctrl-C and the system's request to end."""

import os
import signal

import pytest

from dxanalysis.batch.loop import Stop, heeding
from dxanalysis.batch.reporting import Progress


@pytest.fixture(autouse=True)
def begun_without_nohup():
    """A suite begun by nohup ignores SIGHUP."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL) if os.name == "posix" else None
    yield
    if os.name == "posix":
        signal.signal(signal.SIGHUP, before)


class Heard(Progress):
    def __init__(self):
        self.said, self.ended = [], 0

    def say(self, message):
        self.said.append(message)

    def end_all(self):
        self.ended += 1


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("signals", "said", "ended"),
    [((), 0, 0), (("SIGINT",), 1, 0), (("SIGINT", "SIGINT"), 0, 1), (("SIGTERM",), 0, 1), (("SIGHUP",), 0, 1)],
)
def test_once_is_told_and_twice_ends_what_runs(signals, said, ended):
    heard = Heard()
    with heeding(Stop(heard, heard)) as stop:
        for name in signals:
            os.kill(os.getpid(), getattr(signal, name))
        assert (heard.said, heard.ended) == ([], 0), "a handler may interrupt anything, so it only counts"
        stop.heed()
        stop.heed()
    assert (len(heard.said), heard.ended) == (said, ended)
    assert stop.now.is_set() == bool(ended)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_hang_up_ignored_on_purpose_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with heeding(Stop(Progress(), Heard())) as stop:
            os.kill(os.getpid(), signal.SIGHUP)
        assert (stop.times, signal.getsignal(signal.SIGHUP)) == (0, signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_handlers_of_before_come_back():
    before = signal.getsignal(signal.SIGINT)
    with heeding(Stop(Progress(), Heard())):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
