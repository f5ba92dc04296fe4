"""Files of tagged sentences: BIO, IOB1, BIOES and CoNLL columns, read into one form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from ..errors import EvaluationError

Line = tuple[int, Sequence[str]]  # its number, and its columns

_TAG = re.compile(r"O|[BIES]-\S+")
_DOCUMENT = "-DOCSTART-"  # CoNLL 2003 puts such a line between documents


@dataclass(frozen=True, slots=True)
class Sentence:
    """A tagged sentence.

    Attributes:
        tokens: as the file has them.
        tags: `O`, `B-LABEL` or `I-LABEL`, one per token; each entity opens with B-.
        line: number of its first line in the file, from 1.
        repaired: how many entities opened with I- or E- in the file.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    line: int = 1
    repaired: int = 0

    @property
    def text(self) -> str:
        """The tokens joined by single spaces."""
        return " ".join(self.tokens)

    @property
    def offsets(self) -> tuple[tuple[int, int], ...]:
        """Characters `[start, end)` of each token in `text`."""
        starts = accumulate((len(token) + 1 for token in self.tokens), initial=0)
        return tuple((start, start + len(token)) for token, start in zip(self.tokens, starts))  # noqa: B905


def read_bio(path: str | Path) -> tuple[Sentence, ...]:
    """Return the sentences of a BIO or CoNLL file.

    One token a line, a blank line after each sentence. Columns are parted by tabs, or by spaces
    where the line has no tab. The tag stands in the last column; or in the first, where that holds
    a tag on more lines than the last does, as in the original MIT files. IOB1 and BIOES become
    IOB2, and so does an I- that opens an entity.

    Raises:
        EvaluationError: the file cannot be read, holds no token, or a line has no tag or no token.
    """
    blocks = _read_blocks(Path(path))
    lines = [line for block in blocks for line in block]
    if not lines:
        raise EvaluationError(f"{path}: no token with a tag in the file")
    first, last = (sum(map(_is_tag, (columns[at] for _, columns in lines))) for at in (0, -1))
    tag, token = (0, -1) if first > last else (-1, 0)
    for number, columns in lines:
        if len(columns) < 2 or not columns[token] or not _is_tag(columns[tag]):
            raise EvaluationError(
                f"{path}, line {number}: expected a token and a tag such as O, B-TITLE or "
                f"I-TITLE, found {str(list(columns))[:80]}"
            )
    return tuple(
        _build_sentence(
            [columns[token] for _, columns in block],
            [columns[tag] for _, columns in block],
            line=block[0][0],
        )
        for block in blocks
    )


def _read_blocks(path: Path) -> list[list[Line]]:
    try:
        source = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        at = error.object[: error.start].count(b"\n") + 1
        raise EvaluationError(
            f"{path}, line {at}: not UTF-8 ({error.reason}); convert the file first"
        ) from error
    blocks: list[list[Line]] = [[]]
    # by "\n" alone: splitlines would also cut inside a token that holds U+0085 or U+2028
    for number, line in enumerate(source.split("\n"), 1):
        if not line.strip() or line.startswith(_DOCUMENT):
            blocks.append([])
        else:
            blocks[-1].append((number, _split_columns(line)))
    return [block for block in blocks if block]


def _split_columns(line: str) -> list[str]:
    # between tabs an empty column is a missing token; between spaces it is one more space
    if "\t" in line:
        return [column.strip(" ") for column in line.split("\t")]
    return [column for column in line.split(" ") if column]


def _is_tag(column: str) -> bool:
    return _TAG.fullmatch(column) is not None


def _build_sentence(tokens: Sequence[str], tags: Sequence[str], line: int) -> Sentence:
    chunks = read_chunks(tags)
    fresh = ["O"] * len(tags)
    for label, start, end in chunks:
        fresh[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
    repaired = sum(tags[start][0] in "IE" for _, start, _ in chunks)
    return Sentence(tuple(tokens), tuple(fresh), line, repaired)


def read_chunks(tags: Sequence[str]) -> tuple[tuple[str, int, int], ...]:
    """Return `(label, start, end)` per entity, tokens `[start, end)`, as conlleval and seqeval do.

    B and S open an entity; I and E do so after O, after E or S, and where the label changes. An
    entity lasts until the next one opens or an O comes.

    Example:
        >>> read_chunks(["I-TITLE", "I-TITLE", "B-TITLE", "O", "I-YEAR", "I-GENRE"])
        (('TITLE', 0, 2), ('TITLE', 2, 3), ('YEAR', 4, 5), ('GENRE', 5, 6))
    """
    before = ["O", *tags]
    opens = [
        tag != "O" and (tag[0] in "BS" or last[0] in "OES" or last[2:] != tag[2:])
        for last, tag in zip(before, tags)  # noqa: B905 - one longer on purpose
    ]
    chunks = []
    for start, tag in enumerate(tags):
        if opens[start]:
            rest = range(start + 1, len(tags))
            end = next((i for i in rest if opens[i] or tags[i] == "O"), len(tags))
            chunks.append((tag[2:], start, end))
    return tuple(chunks)
