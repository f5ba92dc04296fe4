"""Scores and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_LONGEST = 200


def render_table(header: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """Return a Markdown table; columns after the first `words` are set to the right.

    Example:
        >>> print(render_table(["type", "F1"], [["titles", "0.99"]]))
        | type | F1 |
        | --- | ---: |
        | titles | 0.99 |
    """
    marks = [("---" if number < words else "---:") for number in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, marks, *rows))


def show_score(score: float | None, digits: int = 3) -> str:
    """Return a score, or a dash where there is none.

    Example:
        >>> show_score(0.98765), show_score(None)
        ('0.988', '-')
    """
    return "-" if score is None else f"{score:.{digits}f}"


def show_rate(rate: float) -> str:
    """Return a share in per cent.

    Example:
        >>> show_rate(0.9985)
        '99.8 %'
    """
    # cut, not rounded: 99.96 % is not all of them
    return f"{int(rate * 1000) / 10:.1f} %"


def show_interval(interval: Sequence[float] | None, sign: bool = False) -> str:
    """Return an interval, with the sign of its ends if asked; empty where there is none.

    Example:
        >>> show_interval([0.25, 0.5], sign=True)
        '[+0.250, +0.500]'
    """
    form = "+.3f" if sign else ".3f"
    return f"[{', '.join(format(edge, form) for edge in interval)}]" if interval else ""


def show_text(text: str | None) -> str:
    """Return a text as code on one line, cut where it is very long; a dash for none.

    Example:
        >>> show_text('{"titles":["Heat"]}')
        '`{"titles":["Heat"]}`'
    """
    if text is None:
        return "-"
    line = " ".join(text.split()).replace("`", "'")
    return f"`{line[:_LONGEST]}{' ...' if len(line) > _LONGEST else ''}`"
