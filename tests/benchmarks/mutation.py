"""Do the tests notice a wrong sign or cut? `python -m tests.benchmarks.mutation --module analysis --sample 200`.

A mutant is the package with one operator or number changed. Each is tried in a forked process on a copy of the tree:
on the test files that import its module or a module that uses it, with --whole also on all others of its room. A
mutant that no test notices is printed, to be read: it shows a missing assertion, or a change without effect.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULT = Path(__file__).with_name("results") / "mutation.json"
LEFT_OUT = "not (slow or notebook or browser or cluster or storage or fault)"
PATIENCE = 4  # a mutant that needs this many times the processor time of the unchanged tests hangs, and is noticed

BOUNDARY = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OPPOSITE = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.MatMult: ast.Mult,
}
LOGIC = {ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}


@dataclass(frozen=True)
class Mutant:
    """One change to one expression: where it stands (UTF-8 offsets of its source) and what stands there instead."""

    module: str
    kind: str
    line: int
    start: int
    end: int
    before: str
    after: str
    outcome: str = ""


def mutants_of(path: Path) -> list[Mutant]:
    """Return every mutant of a file; messages, annotations and decorators are left as they are."""
    source = path.read_text(encoding="utf-8")
    data, starts = source.encode(), [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node in _expressions(ast.parse(source)):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        for kind, changed in _changes(node):
            after = f"({ast.unparse(changed)})"
            found.append(Mutant(str(path), kind, node.lineno, begin, end, data[begin:end].decode(), after))
    return found


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.JoinedStr | ast.Raise) or not isinstance(child, ast.AST):
                continue
            if isinstance(child, ast.expr):
                yield child
            yield from _expressions(child)


def _changes(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for kind, table in (("boundary", BOUNDARY), ("negation", OPPOSITE)):
                if type(operator) in table:
                    operators = [*node.ops[:place], table[type(operator)](), *node.ops[place + 1 :]]
                    yield kind, ast.Compare(node.left, operators, node.comparators)
    elif isinstance(node, ast.BinOp):
        for kind, table in (("arithmetic", ARITHMETIC), ("logic", LOGIC)):
            if type(node.op) in table and not _of_types(node):
                yield kind, ast.BinOp(node.left, table[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield "logic", ast.BoolOp(LOGIC[type(node.op)](), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield "logic" if not isinstance(node.op, ast.USub) else "arithmetic", node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "logic", ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "constant", ast.Constant(node.value + 1)


def _of_types(node: ast.BinOp) -> bool:
    """Tell whether a | joins types (a union in an isinstance or an alias), which is no arithmetic."""
    names = (part.id if isinstance(part, ast.Name) else getattr(part, "attr", "") for part in (node.left, node.right))
    known = ("str", "int", "float", "None", "Series", "DataFrame", "Sequence", "Mapping", "Iterable", "ndarray")
    return isinstance(node.op, ast.BitOr) and any(name in known for name in names)


def sample(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Draw mutants at random, each kind by its number, and in random order, so that the first ones are a sample too."""
    rng, kinds = random.Random(seed), defaultdict(list)
    for mutant in mutants:
        kinds[mutant.kind].append(mutant)
    share = min(count / max(len(mutants), 1), 1.0)
    drawn = [one for _, group in sorted(kinds.items()) for one in rng.sample(group, round(share * len(group)))]
    return rng.sample(drawn, len(drawn))


def tests_of(module: Path, tree: Path) -> tuple[list[str], list[str]]:
    """Return the tests that import a module or one of its direct users, and the other tests of its room."""
    room = module.relative_to("dxanalysis").parts[0]
    users = re.compile(rf"^from [\w.]*\b{module.stem} import |^from [\w.]* import .*\b{module.stem}\b", re.MULTILINE)
    near = [path for path in sorted((tree / "dxanalysis" / room).rglob("*.py")) if users.search(path.read_text())]
    stems = "|".join([module.stem, *(path.stem for path in near if path.stem != "__init__")])
    names = re.compile(rf"\b{room}\.(?:{stems})\b|\b{room} import [^\n]*\b(?:{stems})\b")
    files = [Path(name) for name in _files(room, tree)]
    first = [path for path in files if path.stem == f"test_{room}_{module.stem}"]
    own = [path for path in files if path not in first and names.search(path.read_text())]
    rest = [path for path in files if path not in [*first, *own]]
    return [str(tree / module), *map(str, [*first, *own])], [*map(str, rest), str(tree / "dxanalysis" / room)]


def run_tests(tree: Path, tests: list[str], seconds: float) -> tuple[int, float]:
    """Run tests in a forked process with a limit of processor time; return its exit code and the time it used."""
    child = os.fork()
    if child == 0:
        _become_tests(tree, tests, seconds)
    deadline = time.monotonic() + 20 * seconds
    while not (ended := os.wait4(child, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)
    _, status, usage = ended
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime


def _become_tests(tree: Path, tests: list[str], seconds: float) -> None:
    import pytest

    limit = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    os.chdir(tree)
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "dxanalysis")]:
        del sys.modules[name]
    sys.path[:] = [str(tree), *(entry for entry in sys.path if entry not in ("", str(ROOT)))]
    options = ["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "--rootdir", str(tree), "-m", LEFT_OUT]
    code = 1
    try:
        code = int(pytest.main([*options, *tests]))
    finally:
        os._exit(code)


def try_mutant(mutant: Mutant, tree: Path, tests: list[str], seconds: float) -> Mutant:
    """Write a mutant into the tree, run these tests and restore the file."""
    path = tree / mutant.module
    plain = path.read_bytes()
    path.write_bytes(plain[: mutant.start] + mutant.after.encode() + plain[mutant.end :])
    try:
        code, _ = run_tests(tree, tests, seconds)
    finally:
        path.write_bytes(plain)
    outcome = "survived" if code == 0 else "too slow" if code in (-signal.SIGXCPU, -signal.SIGKILL) else "killed"
    return replace(mutant, outcome=outcome)


def copy_of_tree(folder: Path) -> Path:
    """Copy what the tests need, with the folder of oracles beside it where there is one."""
    tree = folder / "tree"
    dropped = shutil.ignore_patterns("__pycache__", "outputs")
    for name in ("dxanalysis", "tests", "data", "notebooks"):
        shutil.copytree(ROOT / name, tree / name, ignore=dropped)
    shutil.copy(ROOT / "pyproject.toml", tree)
    if (ROOT.parent / "shared").is_dir():
        (folder / "shared").symlink_to(ROOT.parent / "shared")
    return tree


def campaign(modules: list[str], count: int, seed: int, whole: bool) -> Iterator[list[Mutant]]:
    """Try a sample of the mutants of some modules; give all results so far after each. Survivors are tried twice."""
    import hypothesis  # noqa: F401  what every test loads is loaded once, before the fork
    import pandas  # noqa: F401
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401

    sys.dont_write_bytecode = True
    drawn = sample([one for name in modules for one in mutants_of(Path(name))], count, seed)
    print(f"{len(drawn)} mutants of {len(modules)} modules, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = copy_of_tree(Path(folder))
        rooms = {Path(mutant.module).parts[1] for mutant in drawn}
        allowed = {room: PATIENCE * _unchanged(tree, room) for room in sorted(rooms)}
        tried: list[Mutant] = []
        for turn in (0, 1) if whole else (0,):
            for place, mutant in enumerate(drawn if turn == 0 else list(tried)):
                if turn == 1 and mutant.outcome != "survived":
                    continue
                module = Path(mutant.module)
                result = try_mutant(mutant, tree, tests_of(module, tree)[turn], allowed[module.parts[1]])
                tried[place : place + 1] = [result]
                if result.outcome == "survived":
                    print(f"{turn} {mutant.module}:{mutant.line}  {mutant.before!r} -> {mutant.after!r}", flush=True)
                yield tried


def _unchanged(tree: Path, room: str) -> float:
    code, used = run_tests(tree, [str(tree / "dxanalysis" / room), *_files(room, tree)], 3600)
    if code:
        raise SystemExit(f"The unchanged tests of {room} end with code {code}. Mend them first.")
    return used


def _files(room: str, tree: Path) -> list[str]:
    return [str(path) for path in sorted((tree / "tests").glob(f"test_{room}_*.py"))]


def table_of(tried: list[Mutant], column: str) -> dict[str, dict[str, int]]:
    """Count the mutants by module or kind."""
    counts: dict[str, Counter] = defaultdict(Counter)
    for mutant in tried:
        counts[getattr(mutant, column)][mutant.outcome] += 1
    return {
        name: {"tried": sum(count.values()), "noticed": sum(count.values()) - count["survived"]}
        for name, count in sorted(counts.items())
    }


def files_of(names: list[str]) -> list[str]:
    """Return the files of rooms ("analysis") and modules ("analysis/pace.py")."""
    files = []
    for name in names:
        path = Path("dxanalysis") / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [str(path) for path in files if path.name != "__init__.py"]


def summary(tried: list[Mutant]) -> dict[str, object]:
    """Return the counts of a campaign, as written to the JSON file."""
    return {
        "tried": len(tried),
        "noticed": sum(one.outcome != "survived" for one in tried),
        "too_slow": sum(one.outcome == "too slow" for one in tried),
        "kinds": table_of(tried, "kind"),
        "modules": table_of(tried, "module"),
        "survivors": [asdict(one) for one in tried if one.outcome == "survived"],
    }


def main() -> None:
    """Try mutants, print a table and write JSON, one entry for each room and seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--module", nargs="+", default=["analysis"], help="rooms or files below dxanalysis/")
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whole", action="store_true", help="try survivors on all other tests of the room as well")
    parser.add_argument("--out", type=Path, default=RESULT)
    chosen = parser.parse_args()
    os.chdir(ROOT)
    for tried in campaign(files_of(chosen.module), chosen.sample, chosen.seed, chosen.whole):
        result = summary(tried)
        kept = json.loads(chosen.out.read_text()) if chosen.out.exists() else {}
        kept[f"{' '.join(chosen.module)}, seed {chosen.seed}"] = result
        chosen.out.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, row in {**result["kinds"], **result["modules"], "all": result}.items():
        print(f"{name:<45} {row['noticed']:>4}/{row['tried']:<4} {row['noticed'] / row['tried']:.0%}")


if __name__ == "__main__":
    main()
