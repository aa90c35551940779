"""The commands. Each file here describes and carries out one group of them; all rooms meet here."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

from dxanalysis import __version__

from .assess import add_assess
from .capsule import add_capsule
from .data import add_data
from .difference import add_diff
from .lab import add_lab, passed_on
from .record import add_record
from .repeating import add_repeat
from .report import add_report
from .results import add_results
from .run import add_run
from .site import add_site
from .terminal import Plain, visible

QUESTION = "Is this digital-transformation target being met, how sure are we, and what would it take?"
GROUPS = (
    *(add_assess, add_run, add_results, add_site, add_report, add_repeat, add_diff, add_record),
    *(add_data, add_lab, add_capsule),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 some runs failed, 2 the command could not be carried out.

    An error is one sentence with its cure; DX_TRACEBACK=1 shows where in the code it arose.
    """
    options = parser().parse_args(passed_on(sys.argv[1:] if arguments is None else arguments))
    if getattr(options, "data", None):
        os.environ["DX_DATA"] = os.pathsep.join(filter(None, [options.data, os.environ.get("DX_DATA")]))
    try:
        with redirect_stdout(Plain(sys.stdout)):
            return options.command(options)
    except KeyboardInterrupt:  # before or after the runs; while they run, the batch itself listens
        print("dx: stopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError, ImportError) as error:  # what the rooms raise with a cure in the message
        if os.environ.get("DX_TRACEBACK"):
            raise
        print(visible(f"dx: {error}"), file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """Describe every command and option."""
    top = argparse.ArgumentParser(prog="dx", description=QUESTION)
    top.add_argument("--version", action="version", version=f"dxanalysis {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for add in GROUPS:
        add(commands)
    return top
