"""A light visitor: fetches what a browser fetches, then speaks Streamlit's own protocol over its WebSocket; draws nothing."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

CONNECTIONS = 6
"""As many as a browser opens to one host."""
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
INDICATOR = "Chỉ tiêu tô màu"


@dataclass(frozen=True)
class Run:
    """One run of the app's script for a visitor: seconds to the map's message and to the end, bytes received."""

    map_seconds: float
    seconds: float
    size_bytes: int


class Visitor:
    """One session; `async with Visitor(address) as visitor` opens and closes it."""

    def __init__(self, address: str, query: str = "") -> None:
        self.address, self.query = address, query
        self.box_id = self.fragment_id = ""

    async def __aenter__(self) -> Self:
        address = self.address.replace("http", "ws", 1) + "/_stcore/stream"
        protocols = [websockets.Subprotocol("streamlit")]
        self.socket = await websockets.connect(address, subprotocols=protocols, max_size=None)
        message = BackMsg()
        message.rerun_script.query_string = self.query
        self.first = await self._ask(message)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def choose_indicator(self, option: str) -> Run:
        """Choose what the map is coloured by, by the word the visitor sees."""
        message = BackMsg()
        message.rerun_script.fragment_id = self.fragment_id
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id, widget.string_value = self.box_id, option
        return await self._ask(message)

    async def _ask(self, message: BackMsg) -> Run:
        start, to_map, size = time.perf_counter(), float("nan"), 0
        await self.socket.send(message.SerializeToString())
        while True:
            data = await self.socket.recv(decode=False)
            size += len(data)
            told = ForwardMsg.FromString(data)
            kind = told.WhichOneof("type")
            if kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                element = told.delta.new_element
                if element.WhichOneof("type") == "component_instance":
                    to_map = time.perf_counter() - start
                if element.selectbox.label == INDICATOR:
                    self.box_id, self.fragment_id = element.selectbox.id, told.delta.fragment_id
            if kind == "script_finished" and told.script_finished in ENDED:
                return Run(to_map, time.perf_counter() - start, size)


async def fetch_all(address: str, paths: Sequence[str]) -> int:
    """Fetch files over as many connections as a browser would; returns the bytes received, headers aside."""
    waiting = list(reversed(paths))
    parts = urlsplit(address)

    async def work() -> int:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        size = 0
        try:
            while waiting:
                head = (
                    f"GET {waiting.pop()} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\n\r\n"
                )
                writer.write(head.encode())
                size += await _read_answer(reader)
        finally:
            writer.close()
            await writer.wait_closed()
        return size

    return sum(await asyncio.gather(*(work() for _ in range(min(CONNECTIONS, len(paths))))))


async def _read_answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if status != 200:
        raise RuntimeError(f"the server answered {head.splitlines()[0]!r}, wanted 200")
    named = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if "content-length" in named:
        length = int(named["content-length"])
        await reader.readexactly(length)
        return length
    size = 0
    while length := int(await reader.readline(), 16):
        await reader.readexactly(length + 2)
        size += length
    await reader.readexactly(2)
    return size


async def arrive(address: str, before: Sequence[str], after: Sequence[str]) -> float:
    """Seconds a visitor waits on the server: the page's files, the session up to the map's message, the map's own files."""
    start = time.perf_counter()
    await fetch_all(address, before)
    async with Visitor(address) as visitor:
        rest = visitor.first.seconds - visitor.first.map_seconds
        await fetch_all(address, after)
        return time.perf_counter() - start - rest
