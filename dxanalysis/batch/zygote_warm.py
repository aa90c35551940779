"""Do, before any fork, what every kernel would do at its first use; and notice what must not be done there."""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import sys
from typing import Any


class Unfit(Exception):
    """Say that an import did something a parent of kernels must not have done."""


def quietly(action: Any, name: str) -> set[str]:
    """Do something that must neither print, warn nor start a thread; return what asked for the shell, forgotten now."""
    heard = io.StringIO()
    outer = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = heard
    try:
        with _shell_watched() as asked:
            action()
    finally:
        sys.stdout, sys.stderr = outer
    if heard.getvalue():
        raise Unfit(f"{name}\nit writes {heard.getvalue()[:200]!r}")
    if len(os.listdir("/proc/self/task")) != 1:
        raise Unfit(f"{name}\nit starts a thread")
    for package in asked:
        _forget(package, name)
    return asked


@contextlib.contextmanager
def reading_watched(read: dict[str, int]) -> Any:
    """Notice which files are opened for reading, and their time of change: what is kept of them must not grow old."""
    real_open = io.open

    def noticing_open(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        opened = real_open(file, mode, *rest, **options)
        if isinstance(file, str | bytes | os.PathLike) and not set(mode) & set("wax+"):
            read.setdefault(os.path.abspath(os.fsdecode(file)), os.fstat(opened.fileno()).st_mtime_ns)
        return opened

    io.open = builtins.open = noticing_open
    try:
        yield
    finally:
        io.open = builtins.open = real_open
        for path in [
            path for path in read if path.startswith(("/proc/", "/sys/", "/dev/")) or not os.path.isfile(path)
        ]:
            del read[path]  # these change or vanish by themselves


@contextlib.contextmanager
def _shell_watched() -> Any:
    """Notice when a module looks for IPython's shell: it would find none here, and one in the kernel."""
    asked: set[str] = set()
    known = sys.modules.get("IPython.core.interactiveshell")
    if known is None:
        yield asked
        return
    shell, real = known.InteractiveShell, known.InteractiveShell.__dict__.get("initialized")
    shell.initialized = classmethod(lambda cls: bool(asked.add(_asker())))
    try:
        yield asked
    finally:
        if real is None:
            del shell.initialized
        else:
            shell.initialized = real


def _asker() -> str:
    """Name the package that looks for the shell."""
    frame = sys._getframe(2)
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in ("IPython", __name__):
            return package
        frame = frame.f_back
    return ""


def _forget(package: str, name: str) -> None:
    """Let the kernels import a package that looked for the shell again themselves; compiled parts cannot be."""
    modules = [key for key in sys.modules if key == package or key.startswith(f"{package}.")]
    if any(str(getattr(sys.modules[key], "__file__", "")).endswith(".so") for key in modules):
        raise Unfit(f"{name}\nit asks for the shell")
    for key in modules:
        del sys.modules[key]


def _warm_shell() -> None:
    """Compile what IPython compiles for its first cell."""
    from IPython.core.inputtransformer2 import TransformerManager

    TransformerManager().transform_cell("x = 1\n%time x\n")


def _warm_matplotlib() -> None:
    """Find the fonts and draw one small figure, without pyplot and its state."""
    if "matplotlib.figure" not in sys.modules:
        return
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3, 2))
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([2021, 2022, 2023], [1.5, 2.5, 3.5], "o--", label="Quảng Ninh")
    axes.set(title="Tỷ trọng", xlabel="x", ylabel="y")
    axes.legend()
    axes.annotate("9,96", (2022, 2.5))
    canvas.print_figure(io.BytesIO(), format="png", bbox_inches="tight")


def _warm_pandas() -> None:
    """Read, group and show one small table."""
    if "pandas" not in sys.modules:
        return
    import pandas as pd

    table = pd.read_csv(io.StringIO("a,b\nx,1.5\ny,2\n"))
    table.groupby("a", as_index=False)["b"].mean().merge(table, on="a").sort_values("a")._repr_html_()
    table.describe().to_string()


def _warm_statsmodels() -> None:
    """Parse one formula and fit one line."""
    if "statsmodels.formula.api" not in sys.modules:
        return
    import pandas as pd
    import statsmodels.formula.api as formulas

    table = pd.DataFrame({"y": [1.0, 2.1, 2.9, 4.2], "x": [1.0, 2.0, 3.0, 4.0]})
    formulas.ols("y ~ x", table).fit().params.to_string()


WARM_UPS = (_warm_shell, _warm_matplotlib, _warm_pandas, _warm_statsmodels)
