"""The rooms of the house and the direction of their imports."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOMS = {
    "facts": set(),
    "analysis": set(),
    "forecasting": set(),
    "batch": set(),
    "briefing": {"facts.records"},
    "delivery": {"briefing", "facts"},
}


def imports(path: Path, package: str = "dxanalysis") -> Iterator[str]:
    """Yield the dotted names below the package that a file imports, at any depth."""
    inside = path.relative_to(path.parents[len(path.parts) - 1 - path.parts.index(package)]).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] == package)
        elif isinstance(node, ast.ImportFrom):
            base = list(inside[: len(inside) - node.level + 1]) if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            if module.split(".")[0] == package:
                yield from (f"{module}.{name.name}" for name in node.names)


def room_files(root: Path) -> list[tuple[str, Path]]:
    package = root / "dxanalysis"
    return [(path.relative_to(package).parts[0], path) for path in sorted(package.rglob("*.py"))]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(root, room):
    wrong = []
    for owner, path in room_files(root):
        if owner != room:
            continue
        for name in imports(path):
            target = name.removeprefix("dxanalysis").lstrip(".")
            first = target.split(".")[0]
            allowed = (
                first == room
                or first not in ROOMS
                or any(target == good or target.startswith(good + ".") for good in ROOMS[room])
            )
            if not allowed or first == "cli":
                wrong.append(f"{path.relative_to(root)} imports {name}")
    assert not wrong


def test_the_package_has_these_rooms_and_the_commands(root):
    entries = {path.name for path in (root / "dxanalysis").iterdir() if not path.name.startswith("__pycache__")}
    beside = {"__init__.py", "__main__.py", "cli", "api.py", "answers.py", "assessing.py", "atomic.py", "looking.py"}
    beside |= {"subjects.py"}
    assert entries == {*ROOMS, *beside}


def tracked(root: Path) -> list[str]:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=root, check=True).stdout
    return [name for name in listed.split("\n") if name and (root / name).exists()]


def test_the_top_level_holds_what_the_house_promises(root):
    top = {name.split("/")[0] for name in tracked(root) if not name.startswith(".")}
    promised = {"README.md", "environment.yml", "data", "notebooks", "dxanalysis", "tests", "pyproject.toml", "dx.py"}
    promised |= {"LICENSE", "CHANGELOG.md", "SECURITY.md"}
    promised |= {"requirements.lock", "requirements-test.lock", "requirements-remote.lock"}
    assert top == promised


def test_no_file_names_this_machine_or_a_package_registry(root):
    hosts = [
        ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))
    ]
    suspicious = re.compile("|".join([r"/(?:root|home)/[a-z]", *map(re.escape, hosts)]))
    texts = (path for path in map(root.joinpath, tracked(root)) if path.suffix not in {".png", ".parquet"})
    assert not [str(p) for p in texts if suspicious.search(p.read_text(encoding="utf-8", errors="replace"))]


def test_no_file_is_a_heap(root):
    long = {
        str(path.relative_to(root)): count
        for _, path in room_files(root)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_every_public_function_says_what_it_does(root):
    silent = []
    for _, path in room_files(root):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(root)}:{node.name}")
    assert not silent


def test_every_signature_is_annotated(root):
    bare = []
    for _, path in room_files(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            missing = [a.arg for a in arguments if a.annotation is None and a.arg not in {"self", "cls"}]
            if missing or node.returns is None:
                bare.append(f"{path.relative_to(root)}:{node.lineno} {node.name} {missing or 'return'}")
    assert not bare


def test_no_test_waits_for_a_length_of_time(root):
    """A busy machine is slower than any length one chooses; `tests.waiting.eventually` waits for the thing itself."""
    asleep = []
    for path in sorted((root / "tests").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep", "asyncio.sleep"}:
                asleep.append(f"{path.name}:{node.lineno}")
    assert not asleep


# What the house may not grow beyond. Each number only ever goes down.
MOST_DEEP, MOST_CIRCLES, MOST_EXPORTED, MOST_ARGUMENTS = 12, 0, 100, 45


@pytest.fixture(scope="module")
def graph(root) -> dict[str, set[str]]:
    """Give each file of the package with the files it imports, at any depth of its code."""
    files = {module_name(root, path): path for _, path in room_files(root)}
    return {name: imported(path, files) - {name} for name, path in files.items()}


def module_name(root: Path, path: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path, files: dict[str, Path]) -> set[str]:
    found = set()
    for name in imports(path):
        whole = name if name.split(".")[0] == "dxanalysis" else f"dxanalysis.{name}"
        found.add(whole if whole in files else whole.rpartition(".")[0])
    return found & set(files)


def rings(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of files that import each other in a circle, by what each can reach."""
    reach = {name: reachable(graph, name) for name in graph}
    found = {frozenset(other for other in reach[name] if name in reach[other]) for name in graph}
    return [set(one) for one in found if len(one) > 1]


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen, left = set(), [start]
    while left:
        new = graph[left.pop()] - seen
        seen |= new
        left += new
    return seen


def depth(graph: dict[str, set[str]], rings: list[set[str]]) -> int:
    """Return how many files stand on one another at most; the files of a circle count as one."""
    one_of = {name: name for name in graph} | {name: min(ring) for ring in rings for name in ring}
    merged: dict[str, set[str]] = {}
    for name, targets in graph.items():
        merged.setdefault(one_of[name], set()).update(one_of[target] for target in targets)
    known: dict[str, int] = {}

    def below(name: str) -> int:
        if name not in known:
            known[name] = 1 + max((below(target) for target in merged[name] - {name}), default=0)
        return known[name]

    return max(map(below, merged))


def test_circles_and_depth_are_counted_as_drawn():
    drawn = {"a": {"b"}, "b": {"c", "d"}, "c": {"b"}, "d": {"e"}, "e": set()}
    assert (rings(drawn), depth(drawn, rings(drawn))) == ([{"b", "c"}], 4)


def test_no_files_import_each_other_in_a_circle(graph):
    assert len(rings(graph)) <= MOST_CIRCLES, rings(graph)


def test_a_file_stands_on_few_others(graph):
    assert depth(graph, rings(graph)) <= MOST_DEEP


def test_the_rooms_export_few_names(root):
    exported = {}
    for room in ROOMS:
        tree = ast.parse((root / "dxanalysis" / room / "__init__.py").read_text(encoding="utf-8"))
        lists = [n.value for n in tree.body if isinstance(n, ast.Assign) and "__all__" in map(ast.unparse, n.targets)]
        exported[room] = len(ast.literal_eval(lists[0])) if lists else 0
    assert sum(exported.values()) <= MOST_EXPORTED, exported


def test_few_functions_take_more_than_seven_arguments(root):
    long = []
    for _, path in room_files(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                if len([name for name in names if name not in ("self", "cls")]) > 7:
                    long.append(f"{path.relative_to(root)}:{node.name}")
    assert len(long) <= MOST_ARGUMENTS, long
