"""What went wrong, in the visitor's language: what happened and what to do; the reader's own words go below, for details."""

from geo.desk import DeskError
from geo.errors import ConflictError, ProposalError, VunglomError
from layers.strings import Language, number, text


def fault_text(fault: VunglomError, fallback: str, language: Language, **named: str) -> str:
    """A sentence for the fault: its own where it has a code, else the catalogue's `fallback` with `named` put in."""
    if isinstance(fault, DeskError):
        words = {
            name: number(value, language) if isinstance(value, int | float) else str(value)
            for name, value in fault.numbers.items()
        }
        return text(f"fault_{fault.code}", language, **words)
    if isinstance(fault, ConflictError):
        return text("fault_conflict", language)
    if isinstance(fault, ProposalError):
        return text("fault_store", language)
    return text(fallback, language, **named)


def has_details(fault: VunglomError) -> bool:
    """Whether the fault's own words say more than the sentence."""
    return not isinstance(fault, DeskError)
