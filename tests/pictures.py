"""`make pictures`: the pictures of the README, taken of the app on the bundled sample."""

import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.browser import launched, serve, visit

SAMPLE: Final = Path(__file__).resolve().parents[1] / "data" / "binh_phuoc"
FOLDER: Final = SAMPLE.parent / "pictures"
PICTURES: Final = {
    # a link to a view opens that view, without the guide of a first visit
    "map.png": "/?unit=25396",
    "unit.png": "/?page=unit&unit=25396",
    "trends.png": "/?page=trends&unit=25396",
}
WIDTH, HEIGHT = 1366, 900
SETTLED_MS: Final = 2500


def main() -> int:
    """Take each picture anew."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(SAMPLE, Path(folder) / "app.log") as address,
        launched() as browser,
    ):
        for name, query in PICTURES.items():
            with visit(browser, f"{address}{query}", width=WIDTH, height=HEIGHT) as seen:
                seen.wait_map()
                seen.settle()
                seen.page.wait_for_timeout(SETTLED_MS)
                seen.page.screenshot(path=FOLDER / name)
            sys.stdout.write(f"{FOLDER.name}/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
