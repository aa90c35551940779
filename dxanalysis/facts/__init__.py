"""What we know and who said it: checked figures, targets, definitions, areas and sources from ``data/``."""

from dxanalysis.facts.catalogue import (
    catalog,
    definition,
    definitions,
    document,
    find_area,
    find_indicator,
    source,
)
from dxanalysis.facts.history import as_of_date, load_history, load_panel, load_targets, observations
from dxanalysis.facts.names import UnknownName
from dxanalysis.facts.package import data_dirs, digest, open_package
from dxanalysis.facts.records import Area, DataError, Definition, Document, Indicator, Problem, Source

__all__ = [
    "Area",
    "DataError",
    "Definition",
    "Document",
    "Indicator",
    "Problem",
    "Source",
    "UnknownName",
    "as_of_date",
    "catalog",
    "data_dirs",
    "definition",
    "definitions",
    "digest",
    "document",
    "find_area",
    "find_indicator",
    "load_history",
    "load_panel",
    "load_targets",
    "observations",
    "open_package",
    "source",
]
