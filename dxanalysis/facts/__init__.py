"""What we know and who said it: checked figures, targets, definitions, areas and sources from ``data/``."""

from dxanalysis.facts.catalogue import (
    catalog,
    definition,
    definitions,
    document,
    find_area,
    find_document,
    find_indicator,
    source,
)
from dxanalysis.facts.caveats import kind_of_unit
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
    indicators_in,
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
from dxanalysis.facts.history import as_of_date, load_history, load_panel, observations
from dxanalysis.facts.mergers import load_reconstruction, merger_table, to_current_areas
from dxanalysis.facts.names import UnknownName, slug
from dxanalysis.facts.needs import evidence, needs
from dxanalysis.facts.package import digest, open_package
from dxanalysis.facts.records import Area, DataError, Definition, Document, Indicator, Problem, Source
from dxanalysis.facts.reference import load_reference, reference_citation, reference_panels
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
    revisions,
)
from dxanalysis.facts.schema import data_dirs
from dxanalysis.facts.targets import load_agenda, load_targets
from dxanalysis.facts.understand.door import read_own
from dxanalysis.facts.understand.template import own_workbook, source_in

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
    "by_definition",
    "catalog",
    "compare_definitions",
    "coverage",
    "coverage_grid",
    "data_dirs",
    "definition",
    "definition_table",
    "definitions",
    "definitions_in",
    "digest",
    "disputed",
    "document",
    "evidence",
    "find_area",
    "find_document",
    "find_indicator",
    "freshness",
    "indicators_in",
    "kind_of_unit",
    "latest_by_area",
    "load_agenda",
    "load_each_definition",
    "load_field",
    "load_goals",
    "load_history",
    "load_intervals",
    "load_panel",
    "load_peers",
    "load_pillars",
    "load_ranks",
    "load_reconstruction",
    "load_reference",
    "load_releases",
    "load_scores",
    "load_side_by_side",
    "load_targets",
    "load_together",
    "load_weights",
    "load_year_ends",
    "merger_table",
    "needs",
    "observations",
    "on_one_map",
    "open_package",
    "own_workbook",
    "place_of_field",
    "read_own",
    "reference_citation",
    "reference_panels",
    "releases",
    "revision_triangle",
    "revisions",
    "slug",
    "source",
    "source_grades",
    "source_in",
    "to_current_areas",
]
