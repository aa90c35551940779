"""Fill the caches every run of our notebooks would fill, once, before kernels are forked from this process.

Nothing depends on it: a kernel that starts the normal way fills the same caches itself and leaves the same bytes.
"""

from __future__ import annotations

import io
from typing import Any

LANGUAGES = ("vi", "en")


def fill() -> None:
    """Read the data package, judge and forecast, then write one small report, as a notebook does, into nothing."""
    from dxanalysis import analysis, facts, forecasting
    from dxanalysis.assessing import assess

    indicator, area = facts.find_indicator("digital_economy_share"), facts.find_area("viet-nam")
    history = facts.load_history(indicator.id, area.id)
    targets = facts.load_targets(indicator.id, area.id)
    panel = analysis.judge(history, targets, indicator)
    ahead, peers = analysis.years_ahead(history, targets), facts.load_peers(history)
    fan = forecasting.forecast(history, ahead, bounds=indicator.bounds, peers=peers)
    assess("quang-ninh", 2024, indicator.id)  # one figure: the reference class, its panels and its bounds
    inputs = {"history": history, "targets": targets, "forecast": fan, "indicator": indicator, "area": area}
    _draw("vi", inputs)
    for lang in LANGUAGES:
        _write(lang, indicator, history, targets, panel)


def _draw(lang: str, inputs: dict[str, Any]) -> None:
    """Draw one chart and make every kind of file of it: fonts, patterns of dashes, letters of the alphabet."""
    from dxanalysis.briefing import charts
    from dxanalysis.delivery import figures

    figure = charts.trend(**inputs, sheet=charts.Sheet(lang))
    pixels = figures.drawn(figure)
    about = {kind: figures.metadata(kind, {}, "") for kind in figures.FORMATS}
    figures.encoded(pixels, figures.PRINT_DPI, about["png"])
    for kind in ("svg", "pdf"):
        figures.rendered(figure, kind, about[kind])
    small = figures.screen_picture(pixels)
    figures.png_of(small)
    small.save(io.BytesIO(), "JPEG")


def _write(lang: str, indicator: Any, *shown: Any) -> None:
    from dxanalysis.briefing import tables

    for table in shown:
        tables.to_html(table, lang, indicator=indicator)
        table.to_csv(index=False)
