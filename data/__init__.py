"""How the bundled sample workspace is made; see SOURCES.md. Nothing in the app or in `geo` imports it."""
