"""The command `serve`: the app on a workspace; `geo/__main__.py` registers it."""

import os
import runpy
import socket
import sys
from pathlib import Path
from typing import Annotated, Final

import psutil
import typer

from geo.cli_build import build_results
from geo.errors import VunglomError
from geo.reporting import reporting
from geo.workspace import load_workspace
from geo.workspaces import EDITABLE_VARIABLE, is_loopback

LARGEST_PROPOSAL_MB: Final = 50
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def serve(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The workspace; the bundled sample by default.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines of the network in.")
    ] = "127.0.0.1",
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
    editable: Annotated[
        bool | None,
        typer.Option(
            "--editable/--read-only",
            help="Whether visitors may add data, build and undo; only on this machine's own address when not said.",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Another name under which browsers reach the app; may be given more than once."),
    ] = None,
) -> None:
    """Open the app on a workspace, building it first when its results are not of its inputs."""
    with reporting():
        root = app_folder()
        chosen = directory or root / "data" / "binh_phuoc"
        build_results(load_workspace(chosen), if_changed=True, quiet=False)
        os.environ["VUNGLOM_WORKSPACE"] = str(chosen.resolve())
        may_edit = is_loopback(host) if editable is None else editable
        os.environ[EDITABLE_VARIABLE] = "1" if may_edit else "0"
        # the app's settings are found beside it; streamlit is run as a module so that geo never imports it
        os.chdir(root)
        sys.argv = [
            "streamlit",
            "run",
            str(root / "app.py"),
            "--server.port",
            str(port),
            "--server.address",
            host,
        ]
        sys.argv += ["--server.headless", "true"] if headless else []
        # where nobody may add data nobody needs room for more than a proposal
        sys.argv += [] if may_edit else ["--server.maxUploadSize", str(LARGEST_PROPOSAL_MB)]
        for name in allowed_hosts(host, allow_host or []):
            sys.argv += ["--server.allowedHosts", name]
        runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def allowed_hosts(host: str, more: list[str]) -> list[str]:
    """Names and addresses under which browsers reach an app that listens on `host`; a request for any other is refused.

    That keeps a page elsewhere from reaching the app by a name of its own that leads here (DNS rebinding).
    """
    if is_loopback(host):
        found = [*LOOPBACK, host]
    elif host in ("0.0.0.0", "::"):  # noqa: S104  # compared, not listened on
        found = [*LOOPBACK, *own_names(), *own_addresses()]
    else:
        found = [host, *own_names()]
    return list(dict.fromkeys(name.lower() for name in (*found, *more) if name))


def own_names() -> list[str]:
    """What this machine is called, with and without its domain."""
    name = socket.gethostname()
    return [name, socket.getfqdn(), f"{name}.local"]


def own_addresses() -> list[str]:
    """The addresses of this machine's network cards."""
    families = (socket.AF_INET, socket.AF_INET6)
    found = (one for card in psutil.net_if_addrs().values() for one in card if one.family in families)
    return sorted({str(one.address).partition("%")[0] for one in found})


def app_folder() -> Path:
    """Where app.py and the sample are: beside the packages in a checkout, in `vunglom/` of an installed wheel."""
    beside = Path(__file__).resolve().parents[1]
    places = [beside, beside / "vunglom"]
    for place in places:
        if (place / "app.py").is_file():
            return place
    raise VunglomError(
        "app.py is not beside the installed packages; install vunglom again, or run from a checkout"
    )
