"""The app's server as tests start it: its own process on a free loopback port."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

REPO = Path(__file__).resolve().parents[1]
START_SECONDS = 180.0


@contextmanager
def serve(workspace: Path, log: Path, *, by_command: bool = False) -> Iterator[str]:
    """The app on a free loopback port, stopped at the end; yields its address. `by_command`: as people start it."""
    process, port = _start(workspace, log, by_command)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(process)


def _start(workspace: Path, log: Path, by_command: bool) -> tuple["subprocess.Popen[bytes]", int]:
    """A server that answers, and its port; another one where somebody took the port first."""
    for _ in range(3):
        port = _free_port()
        by_streamlit = ["streamlit", "run", str(REPO / "app.py"), "--server.headless", "true"]
        by_streamlit += ["--server.address", "127.0.0.1", "--server.port", str(port), "--", str(workspace)]
        by_geo = ["geo", "serve", str(workspace), "--port", str(port), "--headless"]
        command = [sys.executable, "-m", *(by_geo if by_command else by_streamlit)]
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=REPO, stdout=output, stderr=subprocess.STDOUT)
        try:
            if _is_up(process, port):
                return process, port
        except BaseException:
            _stop(process)
            raise
        _stop(process)
        if f"Port {port} is not available" not in log.read_text(errors="replace"):
            break
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_up(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """Wait until this process, and no other's server, answers at the port; False when it ends or never does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            address = f"http://127.0.0.1:{port}/_stcore/health"
            with urllib.request.urlopen(address, timeout=5):  # our own loopback server
                return process.poll() is None and _listens(process.pid, port)
        except OSError:
            time.sleep(0.1)
    return False


def _listens(pid: int, port: int) -> bool:
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in found)
