"""Long texts cut into windows that a model can read, so that none is silently cut short."""

from __future__ import annotations

from collections.abc import Sequence

# Queries of the corpus stay under 150 tokens; a model is not asked to read much more than it saw.
WINDOW_TOKENS = 256
# Enough for the longest name that a border could cut in two.
OVERLAP_TOKENS = 32


def cut_windows(
    text: str,
    offsets: Sequence[tuple[int, int]],
    size: int = WINDOW_TOKENS,
    overlap: int = OVERLAP_TOKENS,
) -> list[tuple[int, int]]:
    """Return the windows of `text`, characters `[start, end)`, which together hold all of it.

    Args:
        text: the whole text.
        offsets: the characters `[start, end)` of each of its tokens.
        size: the most tokens in a window.
        overlap: how many tokens two neighbours share.

    Raises:
        ValueError: windows that overlap wholly would never get to the end.

    Example:
        >>> cut_windows("one two three", [(0, 3), (3, 7), (7, 13)], size=2, overlap=1)
        [(0, 7), (3, 13)]
    """
    if not 0 <= overlap < size:
        raise ValueError(f"an overlap of {overlap} tokens does not fit windows of {size}")
    if len(offsets) <= size:
        return [(0, len(text))]
    windows = []
    first = 0
    while first + size < len(offsets):
        next_start = offsets[first + size - overlap][0]
        end = _word_border(text, next_start, offsets[first + size - 1][1])
        windows.append((offsets[first][0], end))
        first += size - overlap
    windows.append((offsets[first][0], len(text)))
    windows[0] = (0, windows[0][1])
    return windows


def _word_border(text: str, next_start: int, end: int) -> int:
    """Return where the last whole word before `end` ends, but no earlier than the next window."""
    if end == len(text) or text[end].isspace():
        return end
    space = text.rfind(" ", next_start, end)
    return space if space > next_start else end
