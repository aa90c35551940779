"""What we know and who said it: checked figures, targets, definitions, areas and sources from ``data/``."""

from dxanalysis.facts.catalogue import (
    as_of_date,
    definition,
    definitions,
    document,
    find_area,
    find_indicator,
    observations,
    source,
)
from dxanalysis.facts.coverage import (
    coverage,
    coverage_grid,
    definition_table,
    disputed,
    freshness,
    load_intervals,
    source_grades,
)
from dxanalysis.facts.fields import (
    latest_by_area,
    load_field,
    load_goals,
    load_peers,
    load_pillars,
    load_ranks,
    load_scores,
    load_together,
    load_weights,
    on_one_map,
    place_of_field,
)
from dxanalysis.facts.history import load_history
from dxanalysis.facts.mergers import load_reconstruction
from dxanalysis.facts.names import UnknownName
from dxanalysis.facts.needs import evidence, needs
from dxanalysis.facts.package import digest, open_package
from dxanalysis.facts.records import Area, Indicator
from dxanalysis.facts.releases import (
    by_definition,
    compare_definitions,
    definitions_in,
    load_each_definition,
    load_releases,
    load_side_by_side,
    load_year_ends,
    releases,
    revision_triangle,
)
from dxanalysis.facts.schema import DataError
from dxanalysis.facts.targets import load_agenda, load_targets
from dxanalysis.facts.understand.template import own_workbook

__all__ = [
    "Area",
    "DataError",
    "Indicator",
    "UnknownName",
    "as_of_date",
    "by_definition",
    "compare_definitions",
    "coverage",
    "coverage_grid",
    "definition",
    "definition_table",
    "definitions",
    "definitions_in",
    "digest",
    "disputed",
    "document",
    "evidence",
    "find_area",
    "find_indicator",
    "freshness",
    "latest_by_area",
    "load_agenda",
    "load_each_definition",
    "load_field",
    "load_goals",
    "load_history",
    "load_intervals",
    "load_peers",
    "load_pillars",
    "load_ranks",
    "load_reconstruction",
    "load_releases",
    "load_scores",
    "load_side_by_side",
    "load_targets",
    "load_together",
    "load_weights",
    "load_year_ends",
    "needs",
    "observations",
    "on_one_map",
    "open_package",
    "own_workbook",
    "place_of_field",
    "releases",
    "revision_triangle",
    "source",
    "source_grades",
]
