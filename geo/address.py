"""An address that may hold a secret, and the one place that takes secrets out of texts."""

import logging
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

_HIDDEN: Final = "***"
_SECRETS: set[str] = set()


@dataclass(frozen=True)
class Address:
    """Where a file is. `secrets` are the texts in it (a token) that no log, message or record may hold."""

    url: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        _SECRETS.update(secret for secret in self.secrets if secret)

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address for people and records: without its secrets, and without a user and password before the host."""
        parts = urlsplit(self.url)
        bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        return redact(bare)


def redact(text: str) -> str:
    """The text with every secret of this process, plain or percent-encoded, replaced by ***."""
    for secret in _SECRETS:
        for form in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(form, _HIDDEN)
    return text


class _Redaction(logging.Filter):
    """The library logs the path of every request at debug level, its query included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


for _name in ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection"):
    logging.getLogger(_name).addFilter(_Redaction())
