"""The World Bank's API, played by a server on the loopback interface."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dxanalysis.facts.readers.worldbank import fetch_indicator
from dxanalysis.facts.records import DataError

CODE = "IT.NET.USER.ZS"


def row(year, value):
    return {
        "indicator": {"id": CODE, "value": "Individuals using the Internet (% of population)"},
        "country": {"id": "VN", "value": "Viet Nam"},
        "countryiso3code": "VNM",
        "date": str(year),
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 1,
    }


def page(rows, number=1, pages=1):
    return [{"page": number, "pages": pages, "per_page": 1000, "total": 3, "lastupdated": "2024-06-28"}, rows]


@contextmanager
def server(answer):
    """Serve answer(path) -> (status, body) on a free port; yield the address and the paths asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, body = answer(self.path)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    service = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=service.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{service.server_port}/v2", asked
    finally:
        service.shutdown()
        thread.join()
        service.server_close()


def fetch(answer):
    with server(answer) as (address, _):
        return fetch_indicator(CODE, address=address, timeout=5)


def test_all_pages_are_joined_and_empty_years_left_out():
    pages = {"1": page([row(2023, 78.1), row(2022, None)], 1, 2), "2": page([row(2021, 74.2)], 2, 2)}
    with server(lambda path: (200, pages[path[-1]])) as (address, asked):
        reading = fetch_indicator(CODE, address=address)
    assert reading.cells[["area", "period", "value"]].values.tolist() == [["VNM", "2023", 78.1], ["VNM", "2021", 74.2]]
    assert (reading.unit, reading.updated) == ("percent", "2024-06-28")
    assert asked[0] == f"/v2/country/VNM/indicator/{CODE}?format=json&per_page=1000&page=1" and len(asked) == 2


MESSAGE = [{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}]}]


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, MESSAGE, "refused by the service: The provided parameter value is not valid"),
        (503, b"busy", r"the service answered 503\. Check the network connection and try again; nothing was changed"),
        (200, b"<html>", "is no JSON"),
        (200, b"\xff\xfe\xfa", "could not be fetched"),
        (200, {"a": 1}, "answered in an unknown form"),
        (200, page([{"date": "2023"}]), "unknown form .KeyError"),
        (200, page([row(2023, "many")]), "unknown form .ValueError"),
        (200, page([row(2023, None)]), "has no figures for these countries"),
        (200, page([], 1, 9999), "spans 9999 pages"),
        (200, page(None), "has no figures"),
    ],
)
def test_a_bad_answer_is_one_clear_sentence(status, body, message):
    with pytest.raises(DataError, match=message):
        fetch(lambda path: (status, body))


def test_an_answer_that_is_too_long_is_not_kept(monkeypatch):
    monkeypatch.setattr("dxanalysis.facts.readers.worldbank.MAX_PAGE_BYTES", 10)
    with pytest.raises(DataError, match="more than 20 MB"):
        fetch(lambda path: (200, page([row(2023, 1)])))


def test_no_network_is_one_clear_sentence():
    with server(lambda path: (200, [])) as (address, _):
        pass
    with pytest.raises(
        DataError, match=r"World Bank IT.NET.USER.ZS: could not be fetched \(.*refused.*nothing was changed"
    ):
        fetch_indicator(CODE, address=address, timeout=5)


@pytest.mark.parametrize(
    ("code", "countries", "address", "message"),
    [
        ("../../x", "VNM", "http://127.0.0.1", "is no World Bank indicator code"),
        (CODE, "VNM/../..", "http://127.0.0.1", "are no country codes"),
        (CODE, "VNM", "file:///etc", "must start with http"),
    ],
)
def test_codes_and_addresses_are_checked_before_anything_is_asked(code, countries, address, message):
    with pytest.raises(ValueError, match=message):
        fetch_indicator(code, countries, address=address)
