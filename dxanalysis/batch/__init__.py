"""Run parameterized notebooks in batches: notebooks and parameters in, executed notebooks and a manifest out."""

from .errors import BatchError, CollisionError, MissingExtra, ParameterError
from .manifest import export_manifest
from .matrix import Matrix, read_matrix
from .plan import Plan, PlannedRun, plan
from .reporting import Failure, Result, Status, status
from .runner import run

__all__ = [
    "BatchError",
    "CollisionError",
    "Failure",
    "Matrix",
    "MissingExtra",
    "ParameterError",
    "Plan",
    "PlannedRun",
    "Result",
    "Status",
    "export_manifest",
    "plan",
    "read_matrix",
    "run",
    "status",
]
