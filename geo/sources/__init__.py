"""One file per publisher: how its data is recognised, its licence, its citation."""
