"""Browser files the app serves itself: Leaflet from its pinned package, and our own script and style.

They are put under `static/` beside `app.py` at set-up (`python -m layers.assets`) and again, at no cost, when the app
starts; nothing is fetched from anywhere, and nothing under `static/` is committed.
"""

import hashlib
import sys
import threading
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from os import getpid
from pathlib import Path
from typing import Final

from geo.errors import InputError

LEAFLET_VERSION: Final = "1.9.3"
LEAFLET_FILES: Final = {
    # the same bytes as dist/ of leaflet 1.9.3 on npm
    "leaflet.js": "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03",
    "leaflet.css": "90b693d86392a4779c861b28cf307e7e59c3fb35328c4d8b95f58f814d38c722",
    "images/layers.png": "1dbbe9d028e292f36fcba8f8b3a28d5e8932754fc2215b9ac69e4cdecf5107c6",
    "images/layers-2x.png": "066daca850d8ffbef007af00b06eac0015728dee279c51f3cb6c716df7c42edf",
    "images/marker-icon.png": "574c3a5cca85f4114085b6841596d62f00d7c892c7b03f28cbfa301deb1dc437",
    "images/marker-icon-2x.png": "00179c4c1ee830d3a108412ae0d294f55776cfeb085c60129a39aa6fc4ae2528",
    "images/marker-shadow.png": "264f5c640339f042dd729062cfc04c17f8ea0f29882b538e3848ed8f10edb4da",
}
PAGE_STYLE: Final = Path(__file__).parent / "page.css"
"""Style of the page around the map."""
OWN_FILES: Final = (
    "frame.js", "vunglom.js", "explore.js", "quarters.js", "tools.js", "link.js", "draw.js", "vunglom.css",
)  # fmt: skip
# the map lives in an iframe two folders below the app's root, whatever the base path of the server is
URL_FROM_MAP: Final = "../../app/static"


@dataclass(frozen=True)
class MapAssets:
    """Addresses of the scripts and styles, as seen from the map's iframe, in loading order."""

    scripts: tuple[tuple[str, str], ...]
    styles: tuple[tuple[str, str], ...]


def app_static_folder() -> Path:
    """The `static/` folder that Streamlit serves: beside `app.py`, in a checkout or in an installed wheel."""
    beside = Path(__file__).resolve().parent.parent
    return (beside if (beside / "app.py").is_file() else beside / "vunglom") / "static"


def write_once(path: Path, content: bytes) -> None:
    """Put `content` at `path` unless it is there already; safe when several processes do so at once.

    Raises `InputError` naming the folder when it cannot be written.
    """
    if path.is_file() and path.stat().st_size == len(content):
        return
    temporary = path.with_name(f".{path.name}.{getpid()}.{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as fault:
        raise InputError(
            f"{path.parent}: cannot be written ({fault}); the app keeps its browser files there. "
            "Mend: give the user who runs the app the right to write there, or run from a checkout of one's own"
        ) from fault


def leaflet_folder() -> Path:
    """Where the pinned package keeps Leaflet; raises `InputError` with the command that installs it."""
    spec = find_spec("xstatic.pkg.leaflet") if find_spec("xstatic") else None
    if spec is None or not spec.submodule_search_locations:
        raise InputError(
            "package XStatic-Leaflet is not installed, so the map has no browser library. "
            "Mend: pip install XStatic-Leaflet==1.9.3.0"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def leaflet_contents(source: Path) -> dict[str, bytes]:
    """Leaflet's files by name, each checked; raises `InputError` listing every file missing or altered."""
    faults, contents = [], {}
    for name, wanted in LEAFLET_FILES.items():
        try:
            contents[name] = (source / name).read_bytes()
        except OSError:
            faults.append(f"{name} is missing")
            continue
        found = hashlib.sha256(contents[name]).hexdigest()
        if found != wanted:
            faults.append(f"{name} has sha256 {found[:16]}…, wanted {wanted[:16]}…")
    if faults:
        raise InputError(
            f"{source}: not Leaflet {LEAFLET_VERSION} as published ({'; '.join(faults)}). "
            "Mend: pip install --force-reinstall XStatic-Leaflet==1.9.3.0"
        )
    return contents


def copy_leaflet(source: Path, static: Path) -> None:
    """Copy Leaflet's files into `static`, each checked; raises `InputError` listing every file missing or altered."""
    contents = leaflet_contents(source)
    for name, content in contents.items():
        write_once(static / "lib" / f"leaflet-{LEAFLET_VERSION}" / name, content)


def copy_own(static: Path) -> str:
    """Copy our own script and style into `static`; returns the folder name, a hash of what is in it."""
    contents = {name: (Path(__file__).parent / "js" / name).read_bytes() for name in OWN_FILES}
    digest = hashlib.sha256(b"\0".join(contents.values())).hexdigest()[:16]
    for name, content in contents.items():
        write_once(static / "lib" / "vunglom" / digest / name, content)
    return digest


@lru_cache(maxsize=4)
def install_assets(static: Path) -> MapAssets:
    """Bring every browser file into `static` and return their addresses; raises `InputError`."""
    copy_leaflet(leaflet_folder(), static)
    digest = copy_own(static)
    leaflet, own = f"{URL_FROM_MAP}/lib/leaflet-{LEAFLET_VERSION}", f"{URL_FROM_MAP}/lib/vunglom/{digest}"
    return MapAssets(
        scripts=(
            ("leaflet", f"{leaflet}/leaflet.js"),
            ("vunglom_frame", f"{own}/frame.js"),
            ("vunglom", f"{own}/vunglom.js"),
            ("vunglom_explore", f"{own}/explore.js"),
            ("vunglom_quarters", f"{own}/quarters.js"),
            ("vunglom_tools", f"{own}/tools.js"),
            ("vunglom_link", f"{own}/link.js"),
            ("vunglom_draw", f"{own}/draw.js"),
        ),
        styles=(("leaflet_css", f"{leaflet}/leaflet.css"), ("vunglom_css", f"{own}/vunglom.css")),
    )


def main() -> int:
    """`python -m layers.assets`: install and say where; exit status 1 when the package is at fault."""
    try:
        install_assets(app_static_folder())
    except InputError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    sys.stdout.write(f"browser files are in {app_static_folder()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
