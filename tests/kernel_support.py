"""A kernel to talk to, what it can see of its own state, and the mess that one kernel may make."""

from __future__ import annotations

import time

from dxanalysis.batch import kernels
from tests.waiting import PATIENCE

PRELOAD = ["numpy", "pandas", "matplotlib.pyplot"]
IMPORTS = "import numpy, pandas, matplotlib.pyplot, seaborn, statsmodels.api, statsmodels.formula.api, scipy.stats"
STATE = """
import json, sys
modules, filters = sorted(sys.modules), [str(f) for f in sys.modules["warnings"].filters]
import builtins, copyreg, decimal, gc, locale, logging, os, re, signal, tempfile, threading, time, warnings
import matplotlib, matplotlib.units, numpy as np, pandas as pd
from pandas._config import config
def flat(options, start=""):
    for name, value in options.items():
        yield from flat(value, start + name + ".") if isinstance(value, dict) else [(start + name, repr(value))]
def handlers(logger):
    return [str(logger.level), logger.propagate, *[type(one).__name__ for one in logger.handlers]]
def plain(thing):
    return re.sub(" at 0x[0-9a-f]+", "", str(thing))
shell, per_run = get_ipython(), ("JPY_PARENT_PID",)
known = logging.root.manager.loggerDict.items()
loggers = {name: handlers(one) for name, one in known if isinstance(one, logging.Logger)}
print(json.dumps({
    "modules": modules, "filters": filters, "pandas": dict(flat(config._global_config)),
    "environment": {k: v for k, v in os.environ.items() if k not in per_run}, "folder": os.getcwd(), "path": sys.path,
    "flags": list(sys.flags), "umask": [x for x in open("/proc/self/status") if x.startswith("Umask")],
    "signals": {str(s): str(signal.getsignal(s)) for s in signal.valid_signals()},
    "mask": str(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "program": os.path.basename(sys.argv[0]),
    "seen": [m for m, v in sys.modules.items() if getattr(v, "__dict__", {}).get("__warningregistry__")],
    "matplotlib": {k: str(v) for k, v in matplotlib.rcParams.items()}, "colours": sorted(matplotlib.colormaps),
    "units": sorted(map(str, matplotlib.units.registry)), "numpy": str(np.geterr()) + str(np.get_printoptions()),
    "decimal": str(decimal.getcontext()), "gc": [gc.isenabled(), gc.get_threshold()], "time zone": time.tzname,
    "language": [locale.setlocale(locale.LC_ALL), locale.getlocale(), sys.getfilesystemencoding(), sys.stdout.encoding],
    "limits": [sys.getrecursionlimit(), sys.getswitchinterval()], "temporary": tempfile.tempdir,
    "loggers": loggers | {"": handlers(logging.root)}, "warnings": [warnings.showwarning.__module__],
    "threads": sorted(re.sub("-[0-9]+", "", t.name) for t in threading.enumerate() if "History" not in t.name),
    "names": sorted(k for k in globals() if not k.startswith("_")), "builtins": sorted(dir(builtins)),
    "hooks": [plain(h) for h in (sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook)],
    "shown as": {str(t): sorted(map(str, [*f.type_printers, *f.deferred_printers]))
                 for t, f in shell.display_formatter.formatters.items()},
    "events": {name: [plain(f) for f in found] for name, found in shell.events.callbacks.items()},
    "magics": {kind: sorted(found) for kind, found in shell.magics_manager.magics.items()},
    "pickles": sorted(map(str, copyreg.dispatch_table)), "comms": sorted(shell.kernel.comm_manager.targets),
    "session": [os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid()], "priority": os.nice(0),
}, default=str))
"""
MESS = """
import builtins, os, random, sys, warnings, signal, time, locale
import matplotlib, matplotlib.pyplot as plt, numpy as np, pandas as pd
secret = builtins.secret = pd.secret = 1
os.environ["SECRET"] = "1"; os.chdir("/"); os.umask(0); sys.path.insert(0, "/secret"); sys.setrecursionlimit(5000)
matplotlib.rcParams["lines.linewidth"] = 9; warnings.simplefilter("ignore"); np.seterr(all="raise")
random.seed(0); np.random.seed(0); signal.signal(signal.SIGUSR1, signal.SIG_IGN); pd.set_option("display.max_rows", 3)
os.environ["TZ"] = "Asia/Ho_Chi_Minh"; time.tzset()
"""


class Kernel:
    """A kernel that runs code and gives back what it printed."""

    def __init__(self, warm=True, preload=PRELOAD, **options):
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager(kernel_name="python3")
        if warm:
            stanza = {"provisioner_name": kernels.PROVISIONER, "config": {"preload": list(preload)}}
            self.manager.kernel_spec.metadata = {"kernel_provisioner": stanza}
        else:  # sockets as the warm one has them, in a folder of their own
            self.manager.transport, self.manager.ip = "ipc", f"{kernels._socket_folder()}/{time.monotonic_ns()}"
        self.manager.start_kernel(**options)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    @property
    def provisioner(self):
        return self.manager.provisioner

    def __call__(self, code, timeout=PATIENCE):
        heard = []

        def hear(message):
            content = message["content"]
            heard.append(content.get("text") or content.get("evalue") or content.get("data", {}).get("text/plain", ""))

        self.client.execute_interactive(code, output_hook=hear, timeout=timeout)
        return "".join(heard)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()
