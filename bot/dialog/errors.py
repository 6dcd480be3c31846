"""What can go wrong in a dialog that is not the member's doing."""


class DialogError(Exception):
    """A flow broke a rule of the engine; the turn fails and the dialog keeps its journal."""


class ForeignAwait(DialogError):
    """A flow awaited something other than `dialog.*`."""


class DuplicateKey(DialogError):
    """A flow used one key twice in a run."""


class Stuck(DialogError):
    """A new version of the flow cannot honour a commit that the journal recorded; it is parked, staff alerted."""
