"""Options that the commands about proposals share."""

from enum import StrEnum
from typing import Annotated

import typer

from geo.mends import Mend
from geo.schema import Technology


class PlainFormat(StrEnum):
    """How `compare` and `proposals` answer."""

    TABLE = "table"
    JSON = "json"


Operator = Annotated[str, typer.Option(help="Whose it is, where the file does not say it.")]
Tech = Annotated[Technology | None, typer.Option(help="Of what, where the file does not say it.")]
Year = Annotated[int | None, typer.Option(help="Year it is to be built.")]
Cost = Annotated[float | None, typer.Option(help="What it costs, in the workspace's money.")]
Speed = Annotated[float | None, typer.Option(help="Download speed promised, Mbps.")]
LayerName = Annotated[str, typer.Option(help="Layer, or sheet, of a file that holds several.")]
CrsName = Annotated[str, typer.Option(help="CRS of a file that does not state one.")]
MendKinds = Annotated[list[Mend] | None, typer.Option(help="Mess to mend; may be repeated.")]
Units = Annotated[str, typer.Option(help="List of units; the first by default.")]
NewOperator = Annotated[bool, typer.Option("--new-operator", help="Let in an operator not known here.")]
