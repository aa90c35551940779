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
from dxanalysis.facts.history import as_of_date, load_history, load_panel, observations
from dxanalysis.facts.mergers import to_current_areas
from dxanalysis.facts.names import UnknownName
from dxanalysis.facts.package import data_dirs, digest, open_package
from dxanalysis.facts.past import definitions_in, load_each_definition, load_releases, load_side_by_side
from dxanalysis.facts.peers import load_peers
from dxanalysis.facts.records import Area, DataError, Definition, Document, Indicator, Problem, Source
from dxanalysis.facts.targets import load_targets
from dxanalysis.facts.vintages import compare_definitions, releases, revisions

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
    "compare_definitions",
    "data_dirs",
    "definition",
    "definitions",
    "definitions_in",
    "digest",
    "document",
    "find_area",
    "find_indicator",
    "load_each_definition",
    "load_history",
    "load_panel",
    "load_peers",
    "load_releases",
    "load_side_by_side",
    "load_targets",
    "observations",
    "open_package",
    "releases",
    "revisions",
    "source",
    "to_current_areas",
]
