"""One request over HTTP, its faults named and its secrets kept: the only module that uses the download library.

`requests` carries the bytes: it honours an office's proxy and certificate settings (HTTPS_PROXY, REQUESTS_CA_BUNDLE) and
is here already with Streamlit. Trying again is `geo.patience`'s. Resuming is `geo.download`'s own: of the libraries that offer it,
pypdl 1.5 writes parts under the final name, keeps addresses (and the tokens in them) in plain files and sends no
If-Range; aria2 is a program of its own; pooch, fsspec and niquests do not resume.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import requests
import urllib3

from geo import __version__
from geo.address import Address
from geo.errors import FetchError
from geo.patience import CHUNK, PassingError, Patience

SLOWEST_BYTES: Final = 1024
"""Fewer bytes than this in one time of silence count as silence."""
_BUSY: Final = (408, 425, 429, 500, 502, 503, 504)


def say_nothing(_text: str) -> None:
    """What is said when nobody listens."""


class Session(requests.Session):
    """Connections kept open between requests; a redirect may not lead from https to http."""

    def __init__(self) -> None:
        super().__init__()
        # identity: lengths and ranges then count the bytes of the file itself
        self.headers.update({"User-Agent": f"vunglom/{__version__}", "Accept-Encoding": "identity"})

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where a redirect leads; raises `FetchError` when that is less safe than where it comes from."""
        target = super().get_redirect_target(resp)
        if target and resp.url.startswith("https:") and urlsplit(target).scheme not in ("", "https"):
            raise FetchError(
                f"{urlsplit(resp.url).hostname}: redirects to an address that is not https; not followed. Use another address or mirror"
            )
        return target


class Answer:
    """What a server sends back: status, headers, and the body in pieces."""

    def __init__(self, response: requests.Response, address: Address, patience: Patience) -> None:
        self._response, self._address, self._patience = response, address, patience
        self.status = response.status_code

    def header(self, name: str) -> str:
        """A header's text, empty where it was not sent."""
        return str(self._response.headers.get(name, ""))

    @property
    def length(self) -> int | None:
        """The Content-Length that was stated."""
        text = self.header("Content-Length")
        return int(text) if text.isdecimal() else None

    def chunks(self) -> Iterator[bytes]:
        """The body; raises `PassingError` when it is cut, or when nothing comes for `silence_s`."""
        began, got = time.monotonic(), 0
        with _naming_faults(self._address, self._patience):
            # read1 hands on what has come: a server that sends a byte a minute is found out
            while piece := self._response.raw.read1(CHUNK):
                got += len(piece)
                yield piece
                if (now := time.monotonic()) - began > self._patience.silence_s:
                    if got < SLOWEST_BYTES:
                        raise PassingError(f"only {got} bytes came in {self._patience.silence_s:g} s")
                    began, got = now, 0

    def read(self, limit: int) -> bytes:
        """The whole body; raises `FetchError` past `limit` bytes."""
        body = bytearray()
        for piece in self.chunks():
            body += piece
            if len(body) > limit:
                raise FetchError(f"{self._address.shown}: sends more than the {limit:,} bytes it may be")
        return bytes(body)


@contextmanager
def open_answer(
    session: Session,
    address: Address,
    patience: Patience,
    *,
    headers: dict[str, str] | None = None,
    method: str = "GET",
) -> Iterator[Answer]:
    """Ask once. Raises `PassingError` for what may pass, `FetchError` for what will not (404, a refused certificate)."""
    with _naming_faults(address, patience):
        response = session.request(
            method,
            address.url,
            headers=headers,
            stream=True,
            timeout=(patience.connect_s, patience.silence_s),
            allow_redirects=True,
        )
    try:
        answer = Answer(response, address, patience)
        _require_content(answer, address)
        yield answer
    finally:
        response.close()


def _require_content(answer: Answer, address: Address) -> None:
    if answer.status in _BUSY:
        raise PassingError(
            f"the server answered {answer.status}", pause_s=_asked_pause(answer.header("Retry-After"))
        )
    if answer.status not in (200, 206, 412, 416):
        limit = " or whether its limit of requests is reached," if answer.status == 403 else ""
        raise RefusedError(
            f"{address.shown}: the server answered {answer.status}; check that the address still holds,{limit} or give a mirror",
            answer.status,
        )


class RefusedError(FetchError):
    """The server answered with a status that asking again will not change."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def _asked_pause(text: str) -> float:
    """Seconds of a Retry-After header: a number or an HTTP date (RFC 9110 §10.2.3)."""
    if text.isdecimal():
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0


@contextmanager
def _naming_faults(address: Address, patience: Patience) -> Iterator[None]:
    # the library's own texts hold the whole address, so none is passed on, and the chain is cut
    try:
        yield
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        raise FetchError(
            f"{address.shown}: the server's certificate was refused; behind an office proxy name its certificates with REQUESTS_CA_BUNDLE"
        ) from None
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):  # fmt: skip
        raise FetchError(
            f"{address.shown}: is not an address; wanted https://… (a mirror is set in [sources])"
        ) from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        raise PassingError(f"nothing came for {patience.silence_s:g} s") from None
    except requests.exceptions.TooManyRedirects:
        raise FetchError(f"{address.shown}: redirects without end; give another address or mirror") from None
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as fault:
        raise PassingError(f"the connection failed ({_kind(fault)})") from None
    except ConnectionError as fault:
        raise PassingError(f"the connection was cut ({_kind(fault)})") from None


def _kind(fault: BaseException) -> str:
    return type(fault).__name__
