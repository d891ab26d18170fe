"""What tells one build's results from another's, for caches and addresses."""

import hashlib
import json

from geo.results import Built


def stamp_of(built: Built) -> str:
    """A name for these results and no others: the manifest holds the sha256 of every table."""
    return hashlib.sha256(json.dumps(built.manifest, sort_keys=True).encode()).hexdigest()
