"""The import rules of DESIGN §3, read from the source text: who may use what, and no cycles, in functions neither."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEAVES = {
    "geo.arrays", "geo.errors", "geo.schema", "geo.crs", "geo.rules", "geo.quality", "geo.pooling", "geo.quarters",
    "geo.goals", "geo.intervals", "geo.operators", "geo.precision", "geo.verdict_rule", "geo.friction", "geo.pieces", "geo.rollout_rules",
    # the model of a cell's reach: sites and proposals both use it
    "geo.propagation", "geo.site_areas",
    # sums of people, and of how many units they are not known: said the same way by every stage and page
    "geo.people_sum",
    # what findings can say, which all who make them name
    "geo.sayings",
    # the grid itself; counting in it is `geo.people`
    "geo.population_grid",
}  # fmt: skip
# people in a geometry is what several stages need: DESIGN §5; tiles is the lower half of speed, and so on
SHARED = {"geo.people"}
STAGES = {
    "geo.units", "geo.people", "geo.coverage", "geo.speed", "geo.trends", "geo.remoteness", "geo.communes",
    "geo.gaps", "geo.clusters", "geo.sites", "geo.contradictions", "geo.travel", "geo.settlement", "geo.aggregate",
    "geo.shrinkage", "geo.tutorial", "geo.scores", "geo.sensitivity",
    "geo.rollout",
}  # fmt: skip
ROLLOUT_PARTS = {
    f"geo.rollout_{part}" for part in ("areas", "check", "figures", "lay", "shares", "sums", "units")
}
OWN_PARTS = {
    "geo.speed": {"geo.tiles"},
    "geo.contradictions": {"geo.tiles"},
    "geo.shrinkage": {"geo.speed_model", "geo.tile_pairs"},
    "geo.trends": {"geo.trend_lines"},
    "geo.tutorial": {"geo.tiles"},
    "geo.gaps": {"geo.reasons"},
    "geo.rollout": ROLLOUT_PARTS,
    "geo.scores": {"geo.score_draws", "geo.score_figures"},
    "geo.sensitivity": {"geo.score_draws", "geo.score_figures"},
}
MAP_LIBRARIES = {"folium", "branca"}
# a command is on top, as the pages are: one that makes a drawing for people takes it, and its words, from `layers`
DRAWING_COMMANDS = {"geo.cli_brief"}


def _modules() -> dict[str, Path]:
    files = [
        ROOT / "app.py",
        *(file for top in ("geo", "layers", "pages") for file in (ROOT / top).rglob("*.py")),
    ]
    return {_name(file): file for file in files}


def _name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = _modules()


def _named_modules(tree: ast.AST) -> Iterator[str]:
    """Every module that an import anywhere in the file may mean, `from a import b` as a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _imports(file: Path) -> set[str]:
    """Modules a file imports: our own by full name (the deepest meant), others by their top name."""
    found = set(_named_modules(ast.parse(file.read_text(encoding="utf-8"))))
    ours = {name for name in found if name in MODULES}
    # `from geo import read` means geo.read; the package itself only for what it holds (geo.__version__)
    ours = {name for name in ours if not any(other.startswith(f"{name}.") for other in ours) or "." in name}
    others = {name.split(".")[0] for name in found} - {"geo", "layers", "pages", "app"}
    return ours | others


IMPORTS = {name: _imports(file) for name, file in MODULES.items()}


def test_there_is_something_to_check() -> None:
    assert set(MODULES) >= {
        "app",
        "layers.palette",
        *STAGES,
        *LEAVES,
    }
    assert "geo.schema" in IMPORTS["geo.units"]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_streamlit_only_on_top_and_maps_only_in_layers(module: str) -> None:
    imports, top = IMPORTS[module], module.split(".")[0]
    if top not in {"app", "pages"}:
        assert "streamlit" not in imports
        assert "streamlit_folium" not in imports
    if top != "layers":
        assert not imports & MAP_LIBRARIES


@pytest.mark.parametrize(
    "module", sorted(name for name in MODULES if name.split(".")[0] in {"geo", "layers"})
)
def test_nothing_below_imports_what_is_above(module: str) -> None:
    below_layers = module.split(".")[0] == "geo" and module not in DRAWING_COMMANDS
    above = {"pages", "app"} | ({"layers"} if below_layers else set())
    assert not {name.split(".")[0] for name in IMPORTS[module]} & above


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nothing_imports_the_command_line(module: str) -> None:
    assert "geo.__main__" not in IMPORTS[module]
    if module != "geo.__main__":
        assert not IMPORTS[module] & DRAWING_COMMANDS


@pytest.mark.parametrize("module", sorted(DRAWING_COMMANDS))
def test_a_command_that_draws_needs_no_map_library(module: str) -> None:
    seen, left = set(), {module}
    while left:
        seen |= left
        left = {other for name in left for other in IMPORTS[name] if other in MODULES} - seen
    assert any(name.startswith("layers.") for name in seen)
    assert not {library for name in seen for library in IMPORTS[name]} & {*MAP_LIBRARIES, "streamlit"}


@pytest.mark.parametrize("module", sorted(STAGES))
def test_stages_import_only_leaves(module: str) -> None:
    ours = {name for name in IMPORTS[module] if name.startswith("geo.")}
    assert ours <= LEAVES | SHARED | OWN_PARTS.get(module, set())


@pytest.mark.parametrize("module", sorted(ROLLOUT_PARTS))
def test_parts_of_the_rollout_import_no_stage_but_people(module: str) -> None:
    ours = {name for name in IMPORTS[module] if name.startswith("geo.")}
    assert ours <= LEAVES | SHARED | ROLLOUT_PARTS


@pytest.mark.parametrize("module", sorted(LEAVES))
def test_leaves_import_only_errors_and_each_other(module: str) -> None:
    ours = {name for name in IMPORTS[module] if name.startswith("geo.")}
    assert ours <= LEAVES - {module}
    if module == "geo.errors":
        assert not ours


def test_every_library_that_is_imported_is_a_stated_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated = {re.match(r"[\w-]+", line)[0].lower().replace("-", "_") for line in project["dependencies"]}  # type: ignore[index]
    # its module is called otherwise
    stated = {{"markdown_it_py": "markdown_it"}.get(name, name) for name in stated}
    used = {name for imports in IMPORTS.values() for name in imports if "." not in name}
    assert used - sys.stdlib_module_names - {"geo", "layers", "pages", "app"} <= stated
    # the browser files in one and the lists of units in the other are data; nothing imports the packages
    assert stated - used == {"xstatic_leaflet", "vietnamadminunits"}


def test_only_the_pipeline_wires_the_stages() -> None:
    # a check of proposals stands beside the pipeline and is handed what it needs of it
    wired = STAGES - {"geo.people", "geo.units", "geo.rollout"}
    users = {name for name, imports in IMPORTS.items() if imports & wired and name not in STAGES}
    assert users <= {"geo.pipeline", "geo.list_parts", "geo.speed_modes", "geo.rollups"}


def test_no_cycles_those_inside_functions_included() -> None:
    graph = {
        name: {other for other in imports if other in MODULES} - {name} for name, imports in IMPORTS.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as fault:
        pytest.fail(f"modules import each other in a ring: {' → '.join(fault.args[1])}")
