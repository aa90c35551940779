"""Run parameterized notebooks in batches: notebooks and parameters in, executed notebooks and a manifest out."""

from .errors import BatchError
from .manifest import export_manifest
from .matrix import Matrix, read_matrix
from .plan import plan
from .reporting import status
from .runner import run

__all__ = [
    "BatchError",
    "Matrix",
    "export_manifest",
    "plan",
    "read_matrix",
    "run",
    "status",
]
