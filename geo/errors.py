"""One root error; one line per way that input or a call can be at fault."""


class VunglomError(Exception):
    """Root of every error this project raises on purpose; its text names the thing, the want and the mend."""


class InputError(VunglomError):
    """A file, column, row or code that was given cannot be used."""


class SchemaError(InputError):
    """A table breaks its contract in `geo.schema`; every fault found is in the message."""


class CrsError(InputError):
    """A coordinate reference system is missing, or two that meet are different."""


class VintageError(InputError):
    """Codes of two lists of units were about to be mixed."""


class WorkspaceError(InputError):
    """A folder is not a workspace, or its `workspace.toml` cannot be used."""


class RulesError(InputError):
    """A rule file breaks its contract; every fault found is in the message."""


class ProposalError(InputError):
    """What was asked of the store of proposals cannot be done; nothing in it was changed."""


class ConflictError(ProposalError):
    """A proposal was saved from a version that is no longer the newest."""


class MovedError(WorkspaceError):
    """A workspace is no longer as it was shown when something was asked of it."""


class NotBuiltError(InputError):
    """A result was asked for that `vunglom build` has not yet made."""


class ExportError(VunglomError):
    """A file was written, read back, and found not to be what was promised."""


class CallError(VunglomError):
    """The call itself is at fault (exit status 2), not the data."""


class GivenUpError(VunglomError):
    """A computation was ended because nobody waits for it; it has no answer."""


class FetchError(VunglomError):
    """A file could not be had from its publisher, whole and as published; nothing was kept under its name."""
