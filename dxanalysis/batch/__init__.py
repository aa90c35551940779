"""Run parameterized notebooks in batches: a matrix of notebooks and parameters in, executed notebooks and a manifest out."""

from .errors import BatchError, CollisionError, MissingExtra, ParameterError
from .matrix import Matrix, read_matrix
from .plan import Plan, PlannedRun, plan
from .results import Failure, Result, status, status_table
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
    "plan",
    "read_matrix",
    "run",
    "status",
    "status_table",
]
