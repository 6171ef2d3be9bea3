"""Break a tree in one place."""

from pathlib import Path


def edit(tree: Path, file: str, replace: str, by: str) -> None:
    """Replace a text that stands in ``file`` exactly once."""
    text = (tree / file).read_text()
    assert text.count(replace) == 1, f"{file} has {text.count(replace)} times: {replace}"
    (tree / file).write_text(text.replace(replace, by))
