"""What a workspace is, as its `workspace.toml` says it: read with every text and type checked, and written."""

import tomllib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

import tomli_w

from geo.errors import WorkspaceError
from geo.results import FORMAT
from geo.rules import Rules, load_rules

CONFIG_NAME: Final = "workspace.toml"
_MAP_TEXTS: Final = ("basemap_url", "basemap_attribution")
KINDS: Final = (
    "boundaries", "speed", "coverage", "population", "friction", "places", "sites", "indicator",
)  # fmt: skip


@dataclass(frozen=True)
class Provenance:
    """Where an input came from, in the publisher's words; empty texts mean it was not said.

    `made_from` names the published files, with their sha256, that an input was cut or put together from.
    """

    publisher: str = ""
    licence: str = ""
    date: str = ""
    citation: str = ""
    address: str = ""
    made_from: str = ""


@dataclass(frozen=True)
class StoredFile:
    """One file under `raw/`: its path from the workspace (POSIX), the name it came with, its sha256."""

    path: str
    name: str
    sha256: str


@dataclass(frozen=True)
class Input:
    """One thing that was added: its kind, files, options (column names, operator, quarter …) and provenance."""

    kind: str
    files: tuple[StoredFile, ...]
    options: dict[str, Any] = field(default_factory=dict)
    provenance: Provenance = Provenance()

    def as_dict(self) -> dict[str, Any]:
        """The shape of one `[[inputs]]` table of `workspace.toml` and of the manifest."""
        return {
            "kind": self.kind,
            **{name: value for name, value in asdict(self.provenance).items() if value},
            "options": dict(sorted(self.options.items())),
            "files": [asdict(file) for file in self.files],
        }


@dataclass(frozen=True)
class Workspace:
    """What `workspace.toml` says, checked."""

    root: Path
    name: str
    illustrative: bool = False
    note: str = ""
    rules: Rules = field(default_factory=Rules)
    basemap_url: str = ""
    basemap_attribution: str = ""
    inputs: tuple[Input, ...] = ()
    rules_given: dict[str, Any] = field(default_factory=dict)
    mirrors: dict[str, str] = field(default_factory=dict)
    targets: tuple[dict[str, Any], ...] = ()

    @property
    def built(self) -> Path:
        """Folder of the results."""
        return self.root / "built"

    def of_kind(self, kind: str) -> tuple[Input, ...]:
        """The inputs of one kind, in the order they were added."""
        return tuple(given for given in self.inputs if given.kind == kind)

    def without(self, kind: str) -> "Workspace":
        """The workspace as if nothing of this kind had been added; nothing is written."""
        return replace(self, inputs=tuple(given for given in self.inputs if given.kind != kind))

    def resolve(self, file: StoredFile) -> Path:
        """The file's place on this machine."""
        return self.root / PurePosixPath(file.path)


def config_bytes(workspace: Workspace) -> bytes:
    """What `workspace.toml` of this workspace holds."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "name": workspace.name,
        "illustrative": workspace.illustrative,
        "note": workspace.note,
        "map": {"basemap_url": workspace.basemap_url, "basemap_attribution": workspace.basemap_attribution},
        "rules": workspace.rules_given,
        **({"sources": workspace.mirrors} if workspace.mirrors else {}),
        **({"targets": list(workspace.targets)} if workspace.targets else {}),
        "inputs": [given.as_dict() for given in workspace.inputs],
    }
    return tomli_w.dumps(content).encode("utf-8")


def read_config(config: Path, root: Path) -> Workspace:
    """The workspace that a file such as `workspace.toml` describes, of the folder `root`; raises `WorkspaceError`."""
    try:
        given = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise WorkspaceError(
            f"{config}: cannot be read as TOML ({fault}); mend the line or restore the file"
        ) from fault
    if type(given.get("format")) is not int or given["format"] != FORMAT:
        raise WorkspaceError(
            f"{config}: format is {given.get('format')!r}, this version reads format {FORMAT}; use the version that wrote it"
        )
    if not isinstance(given.get("name"), str) or not isinstance(given.get("inputs", []), list):
        raise WorkspaceError(f'{config}: wanted name = "…" and [[inputs]] tables')
    rules_given, shown, illustrative = (
        given.get("rules", {}),
        given.get("map", {}),
        given.get("illustrative", False),
    )
    if not isinstance(shown, dict) or not isinstance(illustrative, bool):
        raise WorkspaceError(f"{config}: wanted a [map] table and illustrative = true or false")
    texts = {"note": given.get("note", ""), **{name: shown.get(name, "") for name in _MAP_TEXTS}}
    odd = [f"{name} is {value!r}" for name, value in texts.items() if not isinstance(value, str)]
    if odd:
        raise WorkspaceError(f"{config}: {', '.join(odd)}; wanted a text in quotes")
    return Workspace(
        root=root,
        name=given["name"],
        illustrative=illustrative,
        note=texts["note"],
        rules=load_rules(rules_given, source=f"{CONFIG_NAME} [rules]"),
        rules_given=rules_given,
        mirrors=_load_mirrors(given.get("sources", {}), config),
        targets=_load_targets(given.get("targets", []), config),
        basemap_url=texts["basemap_url"],
        basemap_attribution=texts["basemap_attribution"],
        inputs=tuple(
            _load_input(entry, number, config)
            for number, entry in enumerate(given.get("inputs", []), start=1)
        ),
    )


def _load_mirrors(given: Any, config: Path) -> dict[str, str]:
    """The table [sources]: where `vunglom fetch` finds a mirror of a publisher."""
    if not isinstance(given, dict) or not all(isinstance(mirror, str) for mirror in given.values()):
        raise WorkspaceError(
            f'{config}: wanted [sources] to name mirrors, for example ookla = "https://mirror.example/ookla"'
        )
    return given


def _load_targets(given: Any, config: Path) -> tuple[dict[str, Any], ...]:
    """The tables [[targets]], as they stand: `geo.targets` checks them where they are used."""
    if not isinstance(given, list) or not all(isinstance(target, dict) for target in given):
        raise WorkspaceError(
            f'{config}: wanted [[targets]] tables, each with id, column and goal, for example id = "mobile_60"'
        )
    return tuple(given)


def _load_input(entry: Any, number: int, config: Path) -> Input:
    where = f"{config}: [[inputs]] number {number}"
    if not isinstance(entry, dict) or entry.get("kind") not in KINDS:
        raise WorkspaceError(
            f"{where}: kind is {entry.get('kind') if isinstance(entry, dict) else entry!r}, wanted one of {', '.join(KINDS)}"
        )
    files, options = entry.get("files", []), entry.get("options", {})
    whole = isinstance(files, list) and all(
        isinstance(f, dict) and {"path", "sha256"} <= set(f) for f in files
    )
    if not files or not whole or not isinstance(options, dict):
        raise WorkspaceError(
            f"{where}: wanted files with path and sha256 and a table of options; add the input again with `vunglom add`"
        )
    texts = {name: entry.get(name, "") for name in asdict(Provenance())}
    faults = [
        f"{name} is {value!r}, wanted a text" for name, value in texts.items() if not isinstance(value, str)
    ]
    faults += [
        f"option {name} is {value!r}, wanted {kind.__name__}" for name, value, kind in _odd_options(options)
    ]
    if faults:
        raise WorkspaceError(f"{where}: " + "; ".join(faults) + "; mend the line or add the input again")
    return Input(
        kind=entry["kind"],
        files=tuple(_load_file(file, where) for file in files),
        options=options,
        provenance=Provenance(**texts),
    )


def _odd_options(options: dict[str, Any]) -> list[tuple[str, Any, type]]:
    """Options whose value is not of the type that `add` writes."""
    types: dict[str, type] = {"code_width": int, "goal": float, "worst": float}
    wanted = [(name, value, types.get(name, str)) for name, value in options.items()]
    return [(name, value, kind) for name, value, kind in wanted if type(value) is not kind]


def _load_file(file: dict[str, Any], where: str) -> StoredFile:
    path = PurePosixPath(str(file["path"]))
    # a hand-edited or received workspace must not read outside its own folder, on Windows neither
    if path.is_absolute() or ".." in path.parts or path.parts[:1] != ("raw",) or "\\" in str(path):
        raise WorkspaceError(
            f"{where}: file path {file['path']!r} leads outside the workspace's raw folder; wanted raw/…"
        )
    return StoredFile(path=str(path), name=str(file.get("name", path.name)), sha256=str(file["sha256"]))
