"""A publisher's table of addresses, and the setting that puts a mirror in the place of its hosts."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from geo.address import Address
from geo.errors import CallError

_VARIABLE: Final = "VUNGLOM_MIRROR_"


@dataclass(frozen=True)
class Source:
    """Who publishes what under which terms; `addresses` are URL templates by what they give."""

    name: str
    publisher: str
    licence: str
    citation: str
    addresses: Mapping[str, str]

    def address(
        self,
        which: str,
        mirrors: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
        **values: object,
    ) -> Address:
        """The address with its values filled in, percent-encoded, at the mirror where one is set.

        A mirror keeps the published paths: it stands for scheme and host of every address of the source.
        """
        filled = {name: quote(str(value), safe="") for name, value in {**values, **(secrets or {})}.items()}
        url = self.addresses[which].format(**filled)
        return Address(self.at_mirror(url, mirrors), tuple((secrets or {}).values()))

    def at_mirror(self, url: str, mirrors: Mapping[str, str]) -> str:
        """A published address as this source's mirror has it, unchanged without one."""
        mirror = mirror_of(self.name, mirrors)
        if not mirror:
            return url
        parts, base = urlsplit(url), urlsplit(mirror)
        path = base.path.rstrip("/") + parts.path
        return urlunsplit((base.scheme, base.netloc, path, parts.query, ""))


def mirror_of(name: str, mirrors: Mapping[str, str]) -> str:
    """The mirror of a source: the environment (VUNGLOM_MIRROR_OOKLA) before the setting; empty where none is set.

    `mirrors` is the table [sources] of workspace.toml. Raises `CallError` for a mirror that is no http(s) address.
    """
    variable = _VARIABLE + name.upper()
    mirror = os.environ.get(variable, "") or mirrors.get(name, "")
    if mirror and (
        urlsplit(mirror).scheme not in ("http", "https") or not urlsplit(mirror).hostname or "?" in mirror
    ):
        raise CallError(
            f"the mirror of {name} is not an address (set in {variable} or [sources]); wanted for example https://mirror.example/{name}"
        )
    return mirror


def require_text(value: str, pattern: str, what: str, example: str) -> str:
    """The value if it has the form; raises `CallError` with an example: values go into addresses and file names."""
    if not re.fullmatch(pattern, value):
        raise CallError(f"{what} is {value!r}; wanted for example {example}")
    return value
