"""Warm kernels: every rule that keeps a fork safe, and the cases in which there is none."""

import asyncio
import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ipykernel.kernelspec import get_kernel_dict

from dxanalysis import batch
from dxanalysis.batch import fork_client, kernels
from tests.batch_support import outputs_of, write
from tests.kernel_support import IMPORTS, MESS, STATE, Kernel
from tests.waiting import PATIENCE, ended, eventually

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]


@pytest.fixture
def kernel():
    made = []

    def make(**options):
        made.append(Kernel(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="module", autouse=True)
def no_fork_server_is_left():
    yield
    processes = [server.process for server in (*fork_client.SERVERS.values(), *fork_client.RETIRED)]
    fork_client.close_servers()
    assert all(process.poll() is not None for process in processes)


# What one library adds to another's list when it is imported is there before it is imported: the known differences.
ADDED_TO = ("colours", "units", "pickles", "loggers")


@pytest.mark.parametrize("imports", ["pass", "import pandas", IMPORTS])
def test_a_warm_kernel_is_as_new_as_a_cold_one_even_after_another_made_a_mess(kernel, imports):
    importlib.import_module("matplotlib.font_manager")  # a new user has no list of fonts; who makes it has loaded more
    messy, states = kernel(preload=kernels.PRELOAD), []
    assert messy.provisioner.way == "warm"
    assert messy(MESS) == ""
    for one in (kernel(preload=kernels.PRELOAD), kernel(warm=False)):
        assert one(imports) == ""
        states.append(json.loads(one(STATE)))
    warm, cold = states
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):  # a test run in the background has some switched off
        if signal.getsignal(number) == signal.SIG_IGN:
            del warm["signals"][str(int(number))], cold["signals"][str(int(number))]
    for name in ADDED_TO:
        there = [thing for thing in warm[name] if thing in cold[name]]
        warm[name] = {thing: warm[name][thing] for thing in there} if name == "loggers" else there
    assert {name: different(warm[name], cold[name]) for name in cold if warm[name] != cold[name]} == {}


def different(warm, cold):
    """Give what differs and no more: a whole state fills pages."""
    if isinstance(cold, dict):
        return {name: (warm.get(name), cold.get(name)) for name in {*warm, *cold} if warm.get(name) != cold.get(name)}
    return [thing for thing in warm if thing not in cold], [thing for thing in cold if thing not in warm]


def test_a_part_that_nobody_has_imported_is_no_attribute_of_its_package(kernel):
    code = "import matplotlib, scipy.special\ntry: print(matplotlib.pyplot)\nexcept AttributeError as e: print(e)"
    warm, cold = kernel(preload=kernels.PRELOAD)(code), kernel(warm=False)(code)
    assert warm == cold == "module 'matplotlib' has no attribute 'pyplot'\n"


def test_modules_have_the_functions_of_importlib_and_warnings_themselves(kernel):
    code = (
        "import importlib, sys, warnings, IPython.core.extensions, matplotlib.pyplot, statsmodels.api\n"
        "real = {'import_module': importlib.import_module, 'simplefilter': warnings.simplefilter}\n"
        "print(sorted(f'{m}.{n}' for m, module in [*sys.modules.items()] for n, f in real.items()"
        " if getattr(module, '__dict__', {}).get(n, f) is not f))"
    )
    assert kernel(preload=kernels.PRELOAD)(code) == kernel(warm=False)(code)


def test_what_a_module_of_the_users_makes_at_import_is_made_by_each_kernel(tmp_path):
    (tmp_path / "makes_random_numbers.py").write_text(
        "import os, random, tempfile, time, uuid\nimport numpy as np\n"
        "made = [np.random.default_rng().random(), random.Random().random(), uuid.uuid4().hex, os.getpid(),\n"
        "        time.perf_counter(), tempfile.mkdtemp()]\n"
    )
    path = write(tmp_path / "n.ipynb", "from makes_random_numbers import made\nprint(*made)")
    plan = batch.plan(path, {"year": "2001-2003"}, out=tmp_path / "out", template="{year}")
    assert batch.run(plan, kernel="warm", jobs=1, progress=False).exit_code == 0
    said = [outputs_of(tmp_path / f"out/{year}/n.ipynb").split() for year in (2001, 2002, 2003)]
    assert all(len(set(values)) == 3 for values in zip(*said, strict=True)), "each run has its own of everything"


def test_two_kernels_draw_different_random_numbers(kernel):
    code = "import random, numpy; print(random.random(), numpy.random.rand(), numpy.random.default_rng().random())"
    one, other = kernel()(code), kernel()(code)
    assert not set(one.split()) & set(other.split())


def test_pictures_and_tables_have_the_same_bytes_warm_and_cold(kernel):
    code = (
        "import hashlib, io, matplotlib.pyplot as plt, pandas as pd, numpy as np\n"
        "table = pd.DataFrame({'Tỷ trọng': np.arange(5) / 7})\n"
        "figure, axes = plt.subplots(); axes.plot(table['Tỷ trọng'], label='Quảng Ninh'); axes.legend()\n"
        "file = io.BytesIO(); figure.savefig(file); plt.close()\n"
        "print(hashlib.sha256(file.getvalue()).hexdigest(), table._repr_html_(), plt.get_backend())"
    )
    outputs = [kernel()(code), kernel(warm=False)(code)]
    assert outputs[0] == outputs[1]
    assert "inline" in outputs[0]


def test_figures_appear_inline(kernel):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()"
    before = Kernel()
    before(code)
    before.close()  # from this one the fork server learns; it must not learn the inline backend
    heard = []
    one = kernel()
    one.client.execute_interactive(code, output_hook=lambda message: heard.append(message["content"].get("data", {})))
    assert any("image/png" in data for data in heard)


def test_the_backend_that_the_environment_names_is_used(kernel):
    one = kernel(env={**os.environ, "MPLBACKEND": "svg"})
    assert one("import matplotlib; print(matplotlib.get_backend())").strip() == "svg"


def test_folder_and_environment_are_the_callers(kernel, tmp_path):
    one = kernel(cwd=str(tmp_path), env={**os.environ, "NOTEBOOK_RUN_DIR": "/x"})
    assert one("import os; print(os.getcwd(), os.environ['NOTEBOOK_RUN_DIR'])").split() == [str(tmp_path), "/x"]


def test_an_interrupt_stops_the_cell_and_not_the_kernel(kernel, tmp_path):
    one, begun = kernel(), tmp_path / "begun"
    message = one.client.execute(f"import time; open({str(begun)!r}, 'w').close(); time.sleep(600)")
    eventually(begun.exists)
    one.manager.interrupt_kernel()
    reply = one.client.get_shell_msg(timeout=PATIENCE)
    assert (reply["parent_header"]["msg_id"], reply["content"]["ename"]) == (message, "KeyboardInterrupt")
    assert one("print(1)").strip() == "1"


def test_a_crash_is_seen_with_its_signal_and_others_go_on(kernel):
    one, other = kernel(), kernel()
    os.kill(one.provisioner.pid, signal.SIGSEGV)
    assert one.provisioner.process.wait(PATIENCE) == -signal.SIGSEGV
    assert other("print(2)").strip() == "2"


def test_exit_functions_and_threads_end_as_in_a_normal_kernel(kernel, tmp_path):
    one = Kernel()
    file = tmp_path / "said"
    one(
        "import atexit, threading, time\n"
        f"say = lambda word: open({str(file)!r}, 'a').write(word)\n"
        "atexit.register(say, 'exit ')\n"
        "threading.Thread(target=lambda: (time.sleep(0.5), say('thread '))).start()\n"
        "wait = threading.Event.wait\n"
        "def noted(self, timeout=None):\n"
        "    came = wait(self, timeout)\n"
        "    if not came and timeout and timeout >= 9: say('waited in vain ')\n"
        "    return came\n"
        "threading.Event.wait = noted"
    )
    one.close()
    assert file.read_text() == "thread exit ", "ipykernel's race at exit lets a stream wait ten seconds for nobody"


def test_what_a_kernel_started_goes_with_it(kernel):
    one = Kernel()
    child = int(one("import subprocess; print(subprocess.Popen(['sleep', '1000']).pid)"))
    one.close()
    assert ended(child)


def test_the_history_is_kept_in_memory(kernel):
    code = "print(get_ipython().history_manager.hist_file)"
    assert kernel()(code).strip() == ":memory:"


def test_blas_has_the_threads_its_environment_says(kernel):
    code = (
        "import ctypes, numpy\n"
        "files = {l.split(maxsplit=5)[5].strip() for l in open('/proc/self/maps') if 'openblas' in l}\n"
        "print(*[getattr(ctypes.CDLL(f), n)() for f in files for n in "
        "('scipy_openblas_get_num_threads64_', 'scipy_openblas_get_num_threads') if hasattr(ctypes.CDLL(f), n)])"
    )
    wanted = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    one = kernel(env=wanted)
    assert one.provisioner.way == "warm"
    assert set(one(code).split()) == {"2"}
    assert one("import numpy; print((numpy.ones((300, 300)) @ numpy.ones((300, 300))).sum())").strip() == "27000000.0"


def test_changed_code_of_the_users_own_is_imported_anew(kernel, tmp_path, monkeypatch):
    module = tmp_path / "own_module_of_the_kernel_test.py"
    module.write_text("answer = 1")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    options = {"preload": ["own_module_of_the_kernel_test"], "env": environment}
    code = "import own_module_of_the_kernel_test as m; print(m.answer)"
    first = kernel(**options)
    assert first(code).strip() == "1"
    module.write_text("answer = 22")
    second = kernel(**options)
    assert (second.provisioner.way, second(code).strip(), first(code).strip()) == ("warm", "22", "1")


def test_a_function_fills_caches_before_the_fork_and_anew_when_a_file_it_read_changes(kernel, tmp_path):
    data = tmp_path / "rows.txt"
    data.write_text("one")
    (tmp_path / "filled_module_of_the_test.py").write_text(
        f"rows = []\ndef fill():\n    rows.append(open({str(data)!r}).read())\n"
        "def fail():\n    raise ValueError('no such table')\n"
    )
    wishes = ["json", "filled_module_of_the_test:fill", "filled_module_of_the_test:fail"]
    options = {"preload": wishes, "env": {**os.environ, "PYTHONPATH": str(tmp_path)}}
    code = "import filled_module_of_the_test as m; print(m.rows)"
    first = kernel(**options)
    assert first(code).strip() == "['one']"
    assert list(fork_client.SERVERS.values())[-1].notes == [f"{wishes[-1]}: ValueError: no such table"]
    data.write_text("other")
    second = kernel(**options)
    assert (second.provisioner.way, second(code).strip()) == ("warm", "['other']")


def test_a_function_that_prints_is_not_called_before_the_fork(kernel, tmp_path):
    (tmp_path / "saying_module_of_the_test.py").write_text("said = []\ndef fill():\n    said.append(print('hello'))\n")
    wish = "saying_module_of_the_test:fill"
    one = kernel(preload=["json", wish], env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert list(fork_client.SERVERS.values())[-1].skip == [wish]
    assert one("import saying_module_of_the_test as m; print(m.said)").strip() == "[]"


def test_a_module_that_prints_or_starts_a_thread_is_left_to_the_kernel(kernel, tmp_path):
    (tmp_path / "loud_module_of_the_test.py").write_text("print('hello')")
    (tmp_path / "busy_module_of_the_test.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,), daemon=True).start()"
    )
    names = ["loud_module_of_the_test", "busy_module_of_the_test"]
    one = kernel(preload=["json", *names], env={**os.environ, "PYTHONPATH": str(tmp_path)})
    server = list(fork_client.SERVERS.values())[-1]
    assert server.skip == names
    assert (one.provisioner.way, one("import loud_module_of_the_test").strip()) == ("warm", "hello")


def test_the_fork_server_learns_what_kernels_import(kernel):
    code = "import sys; print('fractions' in sys.meta_path[0].away)"
    options = {"preload": ["json"], "env": {**os.environ, "LEARN": "1"}}
    one = Kernel(**options)
    assert one(code + "\nimport fractions").strip() == "False"
    one.close()
    assert kernel(**options)(code).strip() == "True"


def test_kernels_go_when_the_fork_server_is_killed_and_the_next_one_starts(kernel):
    options = {"preload": ["json"], "env": {**os.environ, "KILL": "1"}}
    one = kernel(**options)
    child = int(one("import subprocess; print(subprocess.Popen(['sleep', '1000']).pid)"))
    list(fork_client.SERVERS.values())[-1].process.kill()
    assert one.provisioner.process.wait(PATIENCE) == -signal.SIGKILL
    eventually(lambda: not _runs(one.provisioner.pid) and not _runs(child))
    assert kernel(**options).provisioner.way == "warm"


def test_nothing_is_left_when_the_owner_is_killed(tmp_path):
    code = (
        "import os, sys, time; from tests.test_batch_kernels import Kernel; from dxanalysis.batch import fork_client\n"
        "k = Kernel(preload=['json'])\n"
        'child = k(\'import subprocess; print(subprocess.Popen(["sleep", "1000"]).pid)\').strip()\n'
        "print(list(fork_client.SERVERS.values())[0].process.pid, k.provisioner.pid, child, flush=True); time.sleep(99)"
    )
    root = Path(__file__).resolve().parents[1]
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root)
    pids = [int(word) for word in owner.stdout.readline().split()]
    assert len(pids) == 3 and all(_runs(pid) for pid in pids)
    owner.kill()
    owner.wait()
    owner.stdout.close()
    eventually(lambda: not any(_runs(pid) for pid in pids))


def test_ctrl_c_at_the_very_end_prints_nothing():
    code = (
        "import os, signal; from dxanalysis.batch import fork_client\n"
        "server = fork_client.server_for(['json'], dict(os.environ)); server.wait_ready(); close = server.close\n"
        "server.close = lambda: (os.kill(os.getpid(), signal.SIGINT), close())"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_kernel_adds_little_private_memory(kernel):
    one = kernel()
    text = Path(f"/proc/{one.provisioner.pid}/smaps_rollup").read_text()
    private = sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_")) / 1024
    assert private < 60


@pytest.mark.parametrize(("argv", "options", "variable", "said"), [
    (["R"], {}, "1", "not ipykernel of this interpreter"),
    (["/usr/bin/other-python", "-m", "ipykernel_launcher"], {}, "1", "not ipykernel of this interpreter"),
    (["python", "-m", "xeus"], {}, "1", "not ipykernel of this interpreter"),
    (["python", "-m", "ipykernel_launcher"], {}, "0", "BATCH_WARM_KERNELS switches them off"),
    (["python", "-m", "ipykernel_launcher"], {"preexec_fn": print}, "1", "the caller asks for preexec_fn"),
    (["python", "-m", "ipykernel_launcher"], {"env": {"a": "b"}, "cwd": "/"}, "1", ""),
])
def test_whatever_is_doubtful_starts_normally(argv, options, variable, said, monkeypatch):
    monkeypatch.setenv(fork_client.OPT_OUT, variable)
    reason = fork_client.can_fork(argv, options)
    assert said in reason and bool(said) == bool(reason)


def test_another_system_or_ipykernel_starts_normally(monkeypatch):
    monkeypatch.setattr(fork_client, "TESTED", range(99, 100))
    assert "is not a tested version" in fork_client.can_fork(["python", "-m", "ipykernel_launcher"], {})
    monkeypatch.setattr(fork_client.sys, "platform", "darwin")
    assert "need Linux" in fork_client.can_fork(["python", "-m", "ipykernel_launcher"], {})


def test_switched_off_the_provisioner_starts_a_normal_kernel(kernel, monkeypatch):
    monkeypatch.setenv(fork_client.OPT_OUT, "0")
    one = kernel()
    assert (one.provisioner.way, one("print(3)").strip()) == ("cold", "3")


def test_plain_papermill_uses_it_through_a_kernelspec(tmp_path, monkeypatch):
    import papermill

    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    kernels.install(tmp_path / "kernels", name="warm-for-the-test", preload=["json"])
    source = write(tmp_path / "n.ipynb", "import os; print(area, open(f'/proc/{os.getppid()}/cmdline').read())")
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(source, out, {"area": "01"}, kernel_name="warm-for-the-test", progress_bar=False)
    said = outputs_of(out)
    assert said.startswith("01 ") and "fork_server.py" in said


def test_jupyterlab_starts_restarts_and_interrupts_it(tmp_path, monkeypatch):
    from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    kernels.install(tmp_path / "kernels", name="warm-for-the-desk", preload=["json"])

    async def asked(manager, code):
        client, heard = manager.client(), []
        client.start_channels()
        await client.wait_for_ready(timeout=PATIENCE)
        hear = lambda message: heard.append(message["content"].get("text", ""))  # noqa: E731
        await client.execute_interactive(code, output_hook=hear, timeout=PATIENCE)
        client.stop_channels()
        return "".join(heard).strip()

    async def used():
        desk = AsyncMappingKernelManager()
        number = await desk.start_kernel(kernel_name="warm-for-the-desk")
        manager = desk.get_kernel(number)
        said = [manager.provisioner.way, await asked(manager, "kept = 1; print(kept)")]
        await desk.restart_kernel(number)
        said += [manager.provisioner.way, await asked(manager, "print('kept' in globals())")]
        await desk.interrupt_kernel(number)
        said.append(await asked(manager, "print(2)"))
        await desk.shutdown_kernel(number)
        return said

    assert asyncio.run(used()) == ["warm", "1", "warm", "False", "2"]


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_process_forked_from_the_owner_owns_none_of_its_kernels(kernel):
    """As the workers of a ProcessPoolExecutor are, which nbclient's own tests start after a first notebook."""
    one = kernel(preload=["json"])
    server = list(fork_client.SERVERS.values())[-1]
    pid = os.fork()
    if pid == 0:  # in the fork nothing may be raised into pytest
        empty = not fork_client.SERVERS and not fork_client.RETIRED and server.control.fileno() == -1
        ended = one.provisioner.process.poll() is not None and one.provisioner.process.connection.fileno() == -1
        fork_client.close_servers()
        os._exit(0 if empty and ended else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert one("print(1)").strip() == "1" and server.process.poll() is None


def test_the_kernelspec_declares_what_that_of_ipykernel_declares(tmp_path):
    spec = json.loads(kernels.install(tmp_path, preload=["json"]).read_text())
    stanza = spec["metadata"].pop("kernel_provisioner")
    assert stanza == {"provisioner_name": "warm-fork", "config": {"preload": ["json"]}}
    theirs = get_kernel_dict()
    assert spec["argv"][1:] == theirs["argv"][1:]
    assert {**spec, "argv": [], "display_name": ""} == {**theirs, "argv": [], "display_name": ""}


def _runs(pid):
    return not ended(pid)
