"""The last stop of an error nobody foresaw: words for the visitor, the whole of it into the log under the same reference."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from geo.errors import VunglomError
from layers.escape import escape
from layers.strings import Language, text

LOGGER = logging.getLogger("vunglom")


@contextmanager
def guarded(language: Language) -> Iterator[None]:
    """What is drawn inside fails in words with a reference; a `VunglomError` goes on to whoever knows it.

    The page never shows a traceback, a path or a value: those stand in the log alone.
    """
    try:
        yield
    except VunglomError:
        raise
    except (
        Exception
    ):  # a page must say something in its reader's language whatever broke, and the log keeps it all
        reference = secrets.token_hex(4)
        LOGGER.exception("reference %s", reference)
        said = escape(text("fault_unforeseen", language, reference=reference))
        st.html(f'<div class="vl-banner" role="alert">{said}</div>')
