"""What passes between a page and its server, so that a test knows when nothing is to come any more."""

from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


@dataclass
class Traffic:
    """What a page and its server have to say to each other: which answers are still to come."""

    page: Any
    received: list[bytes] = field(default_factory=list)
    """Every message of the server, in order."""
    sent: int = 0
    runs_done: int = 0
    is_asked: bool = False
    is_running: bool = False
    uploads: set[Any] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("websocket", self._note_socket)
        self.page.on("request", self._note_request)
        self.page.on("requestfinished", self._note_end)
        self.page.on("requestfailed", self._note_end)

    @property
    def is_still(self) -> bool:
        """Whether a run has ended since the page was opened, none is at work or asked for, and no file is on its way."""
        return self.runs_done > 0 and not (self.is_asked or self.is_running or self.uploads)

    def _note_socket(self, socket: Any) -> None:
        socket.on("framesent", self._note_sent)
        socket.on("framereceived", self._note_received)

    def _note_request(self, request: Any) -> None:
        if request.method in ("PUT", "POST"):
            self.uploads.add(request)
        elif request.is_navigation_request() and request.frame == self.page.main_frame:
            # another document: what the one before waited for does not come any more
            self.runs_done, self.is_asked, self.is_running = 0, False, False
            self.uploads.clear()

    def _note_end(self, request: Any) -> None:
        self.uploads.discard(request)

    def _note_sent(self, message: bytes) -> None:
        kind = BackMsg.FromString(message).WhichOneof("type")
        self.sent += 1
        self.is_asked = self.is_asked or kind in ("rerun_script", "file_urls_request")

    def _note_received(self, message: bytes) -> None:
        self.received.append(message)
        kind = ForwardMsg.FromString(message).WhichOneof("type")
        if kind in ("new_session", "file_urls_response"):
            self.is_asked = False
        if kind == "new_session":
            self.is_running = True
        elif kind == "script_finished":
            self.is_running = False
            self.runs_done += 1
