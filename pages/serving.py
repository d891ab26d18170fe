"""How the server starts: what it keeps ready for browsers, and a first visit of its own, so that no visitor waits for it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import streamlit as st
from starlette.middleware import Middleware
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import exists, get_instance
from streamlit.runtime.stats import CacheStat

from layers.assets import app_static_folder, install_assets
from pages.browser_files import BrowserFiles, modules_with_imports
from pages.host_guard import HostGuard
from pages.register import PAGES
from pages.upload_guard import UploadGuard

COMPONENT: Final = "component/streamlit_folium.st_folium"
FIRST_VIEW: Final = ("Html", "ButtonGroup", "Selectbox", "Multiselect", "ComponentInstance")
"""Streamlit's modules for what the map page shows down to the map."""
FIRST_VISIT: Final = ""
LATER_VISITS: Final = (*(f"page={name}" for name in PAGES[1:]), "lang=en")
VISIT_SECONDS: Final = 60.0
REST_SECONDS: Final = 5.0
"""Before the server opens the pages that are seldom the first one: an early visitor needs the processor more."""


def browser_files() -> Middleware:
    """What answers browsers from memory: Streamlit's own files, the map component's and the app's."""
    streamlit_files = Path(st.__file__).parent / "static"
    static, component = app_static_folder(), component_folder()
    folders = {
        "/static/": streamlit_files / "static",
        f"/{COMPONENT}/": component,
        "/app/static/lib/": static / "lib",
        "/app/static/geo/": static / "geo",
    }

    def wanted_soon() -> Iterator[str]:
        for name in modules_with_imports(streamlit_files / "static" / "js", FIRST_VIEW):
            yield f"static/js/{name}"
        for script in sorted(component.glob("static/js/main.*.js")):
            yield f"{COMPONENT}/static/js/{script.name}"
        assets = install_assets(static)
        for _, address in (*assets.scripts, *assets.styles):
            yield address.removeprefix("../../")

    base = str(st.get_option("server.baseUrlPath") or "")
    return Middleware(BrowserFiles, folders, streamlit_files / "index.html", wanted_soon, base)


def host_guard() -> Middleware:
    """What refuses requests for names that are not the app's, and sessions opened by pages that are not."""

    def origins() -> list[str]:
        return (
            list(st.get_option("server.corsAllowedOrigins") or ())
            if st.get_option("server.enableCORS")
            else ["*"]
        )

    return Middleware(HostGuard, lambda: list(st.get_option("server.allowedHosts") or ()), origins)


def upload_guard() -> Middleware:
    """What keeps the sum of all uploads within bounds."""
    return Middleware(UploadGuard, held_bytes)


def held_bytes() -> int:
    """The bytes of every upload that the server holds."""
    if not exists():
        return 0
    found = get_instance().uploaded_file_mgr.get_stats()
    return sum(one.byte_length for stats in found.values() for one in stats if isinstance(one, CacheStat))


def component_folder() -> Path:
    """Where the map component keeps its page, found without importing it: it must first be imported by a script that runs."""
    spec = find_spec("streamlit_folium")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("streamlit-folium is not installed. Mend: pip install streamlit-folium")
    return Path(next(iter(spec.submodule_search_locations))) / "frontend" / "build"


class _Silent:
    """A visitor who only waits for the end of the run."""

    client_context = None

    def __init__(self) -> None:
        self.done = asyncio.Event()

    def write_forward_msg(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "script_finished":
            self.done.set()


@asynccontextmanager
async def first_visit(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """For the life of the server: it visits its own pages once, which imports what they need and fills their caches."""
    task = asyncio.create_task(_visit_all())
    try:
        yield {}
    finally:
        task.cancel()


async def _visit_all() -> None:
    await _visit(FIRST_VISIT)
    _settle()
    for address in LATER_VISITS:
        await asyncio.sleep(REST_SECONDS)
        await _visit(address)
        _settle()


def _settle() -> None:
    """Take what is loaded by now out of garbage collection: Streamlit collects after every run, 0.1 s over all of it."""
    gc.collect()
    gc.freeze()


async def _visit(address: str) -> None:
    """One run of the script for a visitor whose address ends in `?address`; what goes wrong is told to visitors, not here."""
    runtime, client = get_instance(), _Silent()
    session = runtime.connect_session(client, {})
    try:
        message = BackMsg()
        message.rerun_script.query_string = address
        runtime.handle_backmsg(session, message)
        async with asyncio.timeout(VISIT_SECONDS):
            await client.done.wait()
    except TimeoutError:
        return
    finally:
        runtime.close_session(session)
