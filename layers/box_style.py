"""The file box of a page in its own language: Streamlit's own words there are English and cannot be set."""

import json


def box_style(choose: str) -> str:
    """A style that puts `choose` on the button of every file box and hides the English hint of sizes beside it.

    The small buttons beside a file that was given (away with it, one more) have a sign and no room for words.

    `choose` comes from the catalogue and is written as a CSS string.
    """
    box = '[data-testid="stFileUploaderDropzone"]'
    words = json.dumps(choose, ensure_ascii=False)
    return (
        # out of sight and not taken away: a button whose only words are a style's has no name for a screen reader
        f'<style>{box} button [data-testid="stMarkdownContainer"] {{ position: absolute; width: 1px; height: 1px; '
        f"overflow: hidden; clip-path: inset(50%); }} "
        f'{box} [data-testid="stBaseButton-secondary"]::after {{ content: {words}; margin-left: 0.4rem; }} '
        f'{box} [data-testid="stFileUploaderDropzoneInstructions"] {{ display: none; }}</style>'
    )
