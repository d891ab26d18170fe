"""The command `serve`: the app on a workspace; `geo/__main__.py` registers it."""

import os
import runpy
import sys
from pathlib import Path
from typing import Annotated

import typer

from geo.cli_build import build_results
from geo.errors import VunglomError
from geo.reporting import reporting
from geo.workspace import load_workspace


def serve(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The workspace; the bundled sample by default.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines of the network in.")
    ] = "127.0.0.1",
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
) -> None:
    """Open the app on a workspace, building it first when its results are not of its inputs."""
    with reporting():
        root = app_folder()
        chosen = directory or root / "data" / "binh_phuoc"
        build_results(load_workspace(chosen), if_changed=True, quiet=False)
        os.environ["VUNGLOM_WORKSPACE"] = str(chosen.resolve())
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
        runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


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
