"""Plan a batch: which runs there are, where each one goes, whether it must run and why. Nothing is started."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from . import dependencies, sources, storage
from .errors import CollisionError, shown
from .manifest import Manifest
from .matrix import Matrix, Template, as_matrices, check_exclusions, combinations, folder_name, refuse_too_many
from .notebooks import Notebook, home, read_notebook

UP_TO_DATE = "up to date"
CODE = (".py", ".so", ".pyd", ".ipynb")
Hook = Callable[[Notebook, Mapping[str, Any]], Iterable[str | Path]]


@dataclass(frozen=True)
class PlannedRun:
    """Describe one run before it starts.

    Attributes
    ----------
    notebook : Notebook
        What runs.
    parameters : dict
        All its parameters.
    output : str
        Folder of its result, relative to the output folder.
    reason : str
        Why it must run, or ``up to date``.
    due : bool
        Whether it will run.
    digest : str
        Digest of all it depends on.
    parts : dict
        The digests of notebook, parameters, data, code, environment and runner.
    inputs : dict
        Data and code files -> sha256.
    last : int
        Number of the newest attempt that the manifest knew.
    """

    notebook: Notebook
    parameters: dict[str, Any]
    output: str
    reason: str
    due: bool
    digest: str = ""
    parts: dict[str, str] = field(default_factory=dict, repr=False)
    inputs: dict[str, str] = field(default_factory=dict, repr=False)
    last: int = 0


@dataclass(frozen=True)
class Plan:
    """Hold the runs of a batch and where their results go: the folder `out`, and from there a URL if there is one.

    `looked_at` are the files and folders by which it was decided what must run.
    """

    out: Path
    runs: tuple[PlannedRun, ...]
    remote: str = ""
    looked_at: tuple[str, ...] = field(default=(), repr=False)

    @property
    def place(self) -> str:
        """Where results go, as the user named it."""
        return self.remote or str(self.out)

    @property
    def due(self) -> tuple[PlannedRun, ...]:
        """Runs that must be executed."""
        return tuple(run for run in self.runs if run.due)

    def reasons(self) -> dict[str, int]:
        """Return how many runs there are for each reason, most frequent first."""
        return dict(Counter(run.reason for run in self.runs).most_common())

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per run: output, notebook, reason, whether it will run, and the parameters."""
        return [
            {"output": one.output, "notebook": one.notebook.name, "reason": one.reason, "due": one.due}
            | one.parameters
            for one in self.runs
        ]

    def __str__(self) -> str:
        """Return the table of ``--dry-run``: one line per run with its reason, and a total."""
        wide = max((len(run.reason) for run in self.runs), default=0)
        lines = [
            f"{'run ' if run.due else 'skip'}  {run.reason:<{wide}}  {self.place}/{run.output}" for run in self.runs
        ]
        counts = ", ".join(f"{count} {reason}" for reason, count in self.reasons().items())
        return "\n".join([*lines, f"{len(self.due)} of {len(self.runs)} runs to do ({counts or 'no runs'})"])


def plan(
    notebooks: str | Path | Matrix | Sequence[Any],
    parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    *,
    out: str | Path = "outputs",
    template: Template = "{notebook}",
    inputs: Hook | None = None,
    code: Sequence[str] | None = None,
    locks: Sequence[str | Path] = (),
    extra: str = "",
    force: bool = False,
    only_failed: bool = False,
    resume: bool = False,
) -> Plan:
    """Plan the runs of notebooks with parameters.

    Parameters
    ----------
    notebooks : path, Matrix, or several of either
        What to run.
    parameters : mapping or sequence of mappings, optional
        Lists, ranges or single values of which all combinations run; or one mapping per run. Text is turned into
        the type that the notebook's parameters cell declares.
    out : path or URL
        Output folder; or a URL such as ``s3://bucket/results`` (extra ``storage``).
    template : str or function
        Folder of each run; see :func:`~dxanalysis.batch.matrix.folder_name`.
    inputs : function, optional
        Takes the notebook and the parameters of a run and returns the data files it reads, relative to the
        notebook's folder, besides those in its metadata (``{"batch": {"inputs": [...]}}``).
    code : sequence of str, optional
        Packages or files to count as code in place of following the notebook's imports.
    locks : sequence of paths
        Lock files that belong to the environment.
    extra : str
        Anything else that decides the results, such as the version of an external tool.
    force : bool
        Run everything.
    only_failed : bool
        Run only what failed, was interrupted or lost the last time.
    resume : bool
        Finish the last batch: run what never ran, was interrupted or lost; leave what failed or is done.

    Returns
    -------
    Plan
        Every run with its folder and reason.

    Raises
    ------
    ParameterError
        For unknown, missing, misspelt or mistyped parameters.
    CollisionError
        When two runs would write to one folder, or files that no run has made stand in the place of a result.
    BatchError
        For a notebook, matrix or declared input that is not there.
    """
    sources.look_afresh()
    found = _spell_out(as_matrices(notebooks, parameters), template)
    _refuse_collisions(found)
    memory = _Memory(out)
    out = memory.out
    describe = _Describer(memory.files, inputs, code, [dependencies.environment_digest(locks), extra])
    choice = {"force": force, "only_failed": only_failed, "resume": resume}
    runs = tuple(_planned(notebook, values, output, memory, describe, choice) for notebook, values, output in found)
    memory.keep()
    return Plan(out, runs, memory.remote, tuple(sorted({*memory.files.seen, *describe.looked_at})))


def _spell_out(matrices: Iterable[Matrix], template: Template) -> list[tuple[Notebook, dict[str, Any], str]]:
    read: dict[str, Notebook] = {}
    found: list[tuple[Notebook, dict[str, Any], str]] = []
    matrices = list(matrices)
    labels = _labels([path for matrix in matrices for path in matrix.notebooks])
    for matrix in matrices:
        for path in dict.fromkeys(matrix.notebooks):
            read[path] = read.get(path) or read_notebook(path)
        notebooks = [read[path] for path in dict.fromkeys(matrix.notebooks)]
        check_exclusions(matrix, notebooks)
        for notebook in notebooks:
            runs = combinations(matrix, notebook)
            refuse_too_many(len(found) + len(runs))
            for values in runs:
                found.append(
                    (notebook, values, folder_name(template, labels[notebook.path], values, notebook.defaults))
                )
    return _without_repeats(found)


def _labels(paths: Iterable[str]) -> dict[str, str]:
    """Name notebooks as their files are named; with as many folders before it where two files have one name."""
    parts = {path: PurePosixPath(path.removesuffix(".ipynb")).parts for path in dict.fromkeys(paths)}
    labels = {}
    for path, own in parts.items():
        deep = 1
        while deep < len(own) and any(other[-deep:] == own[-deep:] for one, other in parts.items() if one != path):
            deep += 1
        labels[path] = ".".join(own[-deep:])
    return labels


def _without_repeats(found: list[tuple[Notebook, dict[str, Any], str]]) -> list[tuple[Notebook, dict[str, Any], str]]:
    """Drop a run that two matrices share: the same notebook with the same parameters in the same folder."""
    return list({(run[0].path, repr(sorted(run[1].items())), run[2]): run for run in found}.values())


def _refuse_collisions(found: Iterable[tuple[Notebook, dict[str, Any], str]]) -> None:
    """Raise when two runs share a folder, or one lies inside another's; letter case does not tell folders apart."""
    taken: dict[str, tuple[Notebook, dict[str, Any], str]] = {}
    for run in found:
        other = taken.setdefault(run[2].casefold(), run)
        if other is not run:
            raise CollisionError(_collision(run[2], other, run))
    for run in taken.values():
        parents = run[2].casefold().split("/")
        for depth in range(1, len(parents)):
            inside = taken.get("/".join(parents[:depth]))
            if inside:
                raise CollisionError(_collision(inside[2], inside, run))


def _collision(folder: str, one: tuple[Any, ...], other: tuple[Any, ...]) -> str:
    different = [name for name in one[1] if one[1][name] != other[1].get(name)]
    values = (
        "; ".join(shown(f"{name}={run[1].get(name)!r}" for name in different) for run in (one, other))
        if different
        else ""
    )
    detail = f" ({values})" if values else ""
    return (
        f"Two runs would write to {folder!r}: {one[0].name} and {other[0].name}{detail}. "
        "Put what tells them apart into the template."
    )


class _Memory:
    """What earlier batches left: the newest attempt of every run and the digests of files seen before."""

    def __init__(self, out: str | Path) -> None:
        self.remote = str(out).rstrip("/") if storage.is_url(out) else ""
        self.out = storage.mirror(self.remote) if self.remote else Path(out)
        if self.remote:
            storage.fetch_manifest(self.remote, self.out)
        self._there: set[str] | None = None
        self.latest: dict[str, dict[str, Any]] = {}
        known: dict[str, tuple[int, int, str]] = {}
        if (self.out / storage.FILE_NAME).exists():
            with Manifest(self.out) as manifest:
                self.latest, known = manifest.latest(), manifest.known_files()
        self.files = dependencies.FileDigests(known)

    def has(self, output: str, notebook: str) -> bool:
        """Tell whether the executed notebook of a run is in its place."""
        name = f"{output}/{notebook}.ipynb"
        if not self.remote:
            return (self.out / name).exists()
        if self._there is None:
            self._there = storage.present(self.remote)
        return name in self._there

    def refuse_foreign(self, output: str, notebook: str) -> None:
        """Raise when somebody's own files stand where a result would go: it would replace them."""
        folder = self.out / output
        if self.remote or not folder.exists() or (folder / f"{notebook}.ipynb").exists():
            return
        if not folder.is_dir() or any(folder.iterdir()):
            raise CollisionError(
                f"{folder} is there and was not made by a run of {notebook}; the result would replace it. "
                "Move it away, or name another output folder."
            )

    def keep(self) -> None:
        if self.files.fresh and (self.out / storage.FILE_NAME).exists():
            with Manifest(self.out) as manifest:
                manifest.remember_files(self.files.fresh)


class _Describer:
    """Digest what a run depends on; files and imports shared by many runs are looked at once."""

    def __init__(
        self, files: dependencies.FileDigests, inputs: Hook | None, code: Sequence[str] | None, environment: list[str]
    ) -> None:
        self.files, self.inputs, self.code = files, inputs, code
        self.environment = dependencies.digest_of(environment)
        self._code: dict[str, dict[str, str]] = {}
        self._unknown: dict[str, str] = {}  # notebook -> what of it cannot be followed
        self.looked_at: set[str] = set()
        self._declaring: set[str] = set()  # notebooks of which the caller has named inputs
        self._moved: dict[tuple[str, int], str] = {}  # notebook, what a run opened -> what of that has changed
        self._data: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}

    def __call__(self, notebook: Notebook, parameters: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the digests of the parts and of the single files."""
        code, data = self._code_of(notebook), self._data_of(notebook, parameters)
        parts = {
            "notebook": notebook.digest,
            "parameters": dependencies.digest_of(dict(parameters)),
            "data": dependencies.digest_of(data),
            "code": dependencies.digest_of(code),
            "environment": self.environment,
            "runner": dependencies.RUNNER_VERSION,
        }
        return parts, {**data, **code}

    def exact(self, notebook: Notebook, opened: Mapping[str, Any]) -> bool:
        """Whether what a run imported decides, in place of all that its notebook could import."""
        return bool(opened) and self._declared_code(notebook) is None

    def moved(self, notebook: Notebook, opened: Mapping[str, Any]) -> str:
        """Say what has changed of all that a run opened, or why that cannot be told; nothing where it is the same."""
        key = (notebook.path, id(opened))  # runs that opened the same share one record
        if key not in self._moved:
            self._moved[key] = self._looked_at(notebook, opened)
        return self._moved[key]

    def _looked_at(self, notebook: Notebook, opened: Mapping[str, Any]) -> str:
        folder, told = home(notebook.path), "inputs" in notebook.settings  # what its author says is taken for all
        self.looked_at |= {notebook.path, str(folder), *(str(folder / name) for name in opened.get("files", {}))}
        for name, digest in opened.get("files", {}).items():
            if dependencies.state_of(folder / name, self.files) != digest:
                return f"{'code' if name.endswith(CODE) else 'data'} changed: {name}"
        if self.exact(notebook, opened) and sources.names_lead_to(notebook, opened["files"]) != opened["names"]:
            return "code changed: an import leads to another file"
        unknown = [self._unknown[notebook.path]]
        if not opened and not (told and self._declared_code(notebook) is not None):
            unknown.append("has not said what it opened")
        elif opened and not told:
            unknown += [opened["unknown"], sources.unseen(notebook, everywhere=notebook.path not in self._declaring)]
        said = next(filter(None, unknown), "")
        return f"cannot tell: it {said}" if said else ""

    def _declared_code(self, notebook: Notebook) -> Sequence[str] | None:
        return notebook.settings.get("code", self.code)

    def _code_of(self, notebook: Notebook) -> dict[str, str]:
        if notebook.path not in self._code:
            declared = self._declared_code(notebook)
            files, self._unknown[notebook.path] = sources.code_files(notebook, declared)
            self._code[notebook.path] = {dependencies.portable(file, notebook): self.files(file) for file in files}
        return self._code[notebook.path]

    def _data_of(self, notebook: Notebook, parameters: Mapping[str, Any]) -> dict[str, str]:
        patterns = [*notebook.settings.get("inputs", ()), *(self.inputs(notebook, parameters) if self.inputs else ())]
        self._declaring |= {notebook.path} if patterns else set()
        key = (notebook.path, tuple(map(str, patterns)))
        if key not in self._data:
            self._data[key] = dependencies.data_digests(notebook, patterns, self.files)
        return self._data[key]


def _planned(
    notebook: Notebook,
    parameters: dict[str, Any],
    output: str,
    memory: _Memory,
    describe: _Describer,
    choice: Mapping[str, bool],
) -> PlannedRun:
    parts, inputs = describe(notebook, parameters)
    last = memory.latest.get(output)
    if last is None:
        memory.refuse_foreign(output, notebook.name)
    reason = _reason(notebook, parts, last, describe, choice["force"])
    if reason == UP_TO_DATE and not memory.has(output, notebook.name):
        reason = "result missing"
    due = reason not in (UP_TO_DATE, "running elsewhere") and _chosen(last, choice)
    digest, number = dependencies.digest_of(parts), last["id"] if last else 0
    return PlannedRun(notebook, parameters, output, reason, due, digest, parts, inputs, number)


def _reason(notebook: Notebook, parts: Mapping[str, str], last: Any, describe: _Describer, force: bool) -> str:
    if last is None:
        return "never run"
    if last["status"] == "running":
        return "running elsewhere"
    if force:
        return "forced"
    if last["status"] != "done":
        return {"failed": "failed last time", "interrupted": "interrupted last time"}.get(
            last["status"], "runner died last time"
        )
    exact = describe.exact(notebook, last["opened"])
    changed = [
        name for name, digest in parts.items() if last["parts"].get(name) != digest and not (exact and name == "code")
    ]
    return f"{changed[0]} changed" if changed else describe.moved(notebook, last["opened"]) or UP_TO_DATE


def _chosen(last: Mapping[str, Any] | None, choice: Mapping[str, bool]) -> bool:
    status = last["status"] if last else "never"
    if choice["only_failed"]:
        return status in ("failed", "interrupted", "lost")
    if choice["resume"]:
        return status in ("never", "interrupted", "lost")
    return True
