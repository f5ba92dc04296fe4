"""Why a language model's reply is not taken."""

from __future__ import annotations


class Refusal(Exception):
    """A reply that is not taken; raised and caught within this room.

    Attributes:
        kind: in a few fixed words, to be counted.
        detail: what exactly, to be told to the model and to people.
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        """Keep both."""
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
        self.detail = detail
