"""The colours of verdicts, in one place for whoever draws: the pages through `layers.palette`, and styled exports."""

from typing import Final

from geo.schema import Verdict

VERDICT_COLOURS: Final = {
    Verdict.GAP: "#b23a0e",
    Verdict.WATCH: "#f3b33d",
    Verdict.SERVED: "#86bfdc",
}
NO_DATA_FILL: Final = "#f1f5f9"
NO_DATA_HATCH: Final = "#94a3b8"
