"""Queries to a dataset, in memory or as a finished folder, and back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DatasetError
from ..knowledge.sources import Source
from ..schema import Query
from .candidates import make_filter, select, walk
from .card import CHALLENGE_FOLDER, CardFacts, ChallengeFacts, render_card
from .census import Census
from .challenge_rows import prepare_challenges, select_challenges
from .checksums import refuse_damage, write_checksums
from .engines import Engine, run_here
from .features import features, from_example, to_example
from .row_files import write_rows
from .splits import SPLITS, LeakFilter, split_of, split_order
from .stages import RowSource

if TYPE_CHECKING:
    import datasets

DEFAULT_ROWS = 20_000
CARD, ROWS = "README.md", "queries.jsonl"


def to_dataset(builder: RowSource, n: int = DEFAULT_ROWS) -> datasets.DatasetDict:
    """Return n leak-free rows as splits; n counts all of them together.

    Indices are walked until n rows are accepted, see `LeakFilter`.

    Raises:
        DatasetError: the builder cannot give n rows.
    """
    splits: dict[str, list[Query]] = {}
    for query in select(walk(builder, n), n, make_filter(builder, n)):
        splits.setdefault(split_of(query), []).append(query)
    return from_queries(splits)


def from_queries(splits: Mapping[str, Iterable[Query]]) -> datasets.DatasetDict:
    """Return the queries as a dataset with the same splits; see `read_queries`."""
    from datasets import Dataset, DatasetDict

    columns = features()
    return DatasetDict(
        {
            name: Dataset.from_list([to_example(query) for query in splits[name]], columns)
            for name in split_order(splits)
        }
    )


def write_dataset(
    source: RowSource | Iterable[Query],
    folder: str | os.PathLike[str],
    n: int | None = None,
    *,
    licence: str | None = None,
    sources: Iterable[Source] | None = None,
    location: str | None = None,
    challenge: int = 0,
    engine: Engine = run_here,
) -> Census:
    """Return the counts of the dataset that now stands in the folder.

    The folder holds `data/SPLIT-00000-of-00001.parquet`, `queries.jsonl` (one canonical JSON row
    a line, in order of index: the same bytes for the same fingerprint), `SHA256SUMS` and, written
    last, the card `README.md`. It appears at once, whole: all is made in `.NAME.partial` beside
    it, where a builder's candidates are stored too, so that the next run goes on where a killed
    one stopped and writes the same bytes. With challenge rows, which
    `data/challenge/SPLIT-00000-of-00001.parquet` holds, all other data stay as they are.

    Args:
        source: a builder, or queries in the order that counts for duplicates; each names its
            split in its provenance.
        folder: must not exist, or be empty.
        n: rows of all splits together; None is 20,000 for a builder and all that are accepted for
            queries.
        licence: a Hub licence identifier; None takes it from the sources.
        sources: whom the card attributes the films' facts to; None asks the builder's graph.
        location: what the card's example passes to `load_dataset`; None is the folder's name.
        challenge: rows of each challenge split, see `ChallengeBuilder`; they are not in the
            counts.
        engine: who makes a builder's candidates; the files are the same with any.

    Raises:
        DatasetError: the folder is not empty or cannot be written, a query has no split, the
            source cannot give n rows, or challenge rows are asked of something that writes none.
        GrammarError: the builder's test split has too few films for its challenge rows.
    """
    target = Path(folder).resolve()
    challenges = prepare_challenges(source, challenge)
    with _workplace(target) as work:
        draft = work / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        leak_filter = make_filter(source, DEFAULT_ROWS if n is None else n)
        rows = _accept(source, n, work, leak_filter, engine)
        census, sizes = write_rows(rows, draft / "data", draft / ROWS)
        census.dropped = _count_dropped(source, census, leak_filter)
        harder = None
        if challenges:
            leak_filter.most_per_film = None
            more = select_challenges(challenges, challenge, leak_filter)
            harder = write_rows(more, draft / CHALLENGE_FOLDER)
        write_checksums(draft)
        facts = CardFacts(
            location=location or target.name,
            fingerprint=source.fingerprint if isinstance(source, RowSource) else "",
            sources=_list_sources(source) if sources is None else tuple(sources),
            licence=licence,
            sizes=sizes,
            files_size=_measure(draft / "data"),
            challenge=None
            if harder is None
            else ChallengeFacts(*harder, _measure(draft / CHALLENGE_FOLDER)),
        )
        (draft / CARD).write_text(render_card(census, facts), encoding="utf-8", newline="\n")
        if target.exists():
            target.rmdir()
        draft.replace(target)
    return census


def read_queries(path: str | os.PathLike[str]) -> dict[str, list[Query]]:
    """Return the queries by split, of a dataset folder or of a file of JSON lines.

    A folder is read from `queries.jsonl` where it has one, else from its Parquet files. A line
    that names no split, such as one annotated by hand, counts as train; `from_example` says what
    it may leave out.

    Raises:
        DatasetError: there is no such file, it is not what was written, or a row cannot be read;
            names the line.
    """
    path = Path(path)
    source = path / ROWS if (path / ROWS).is_file() else path
    refuse_damage(path, only=source)
    splits: dict[str, list[Query]] = {}
    for split, query in _read_parquet(path) if source.is_dir() else _read_lines(source):
        splits.setdefault(split, []).append(query)
    if not splits:
        raise DatasetError(
            f"{path}: holds no queries; give a folder that `moviequery build` wrote, or a file of "
            "JSON lines"
        )
    return {split: splits[split] for split in split_order(splits)}


def _read_lines(path: Path) -> Iterator[tuple[str, Query]]:
    try:
        # the byte order mark that some editors write is no part of the first line
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    query = from_example(json.loads(line))
                except DatasetError as error:
                    raise DatasetError(f"{path}, line {number}: {error}") from error
                except (ValueError, RecursionError) as error:
                    raise DatasetError(
                        f"{path}, line {number}: no JSON ({error}); a BIO or CoNLL file needs a "
                        "label map (--labels)"
                    ) from error
                provenance = query.provenance
                yield (provenance.split if provenance else "") or SPLITS[0], query
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: cannot be read ({error})") from error


def _read_parquet(folder: Path) -> Iterator[tuple[str, Query]]:
    """Yield the rows of `data/SPLIT-*.parquet`, or of `SPLIT-*.parquet` in the folder itself."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in sorted([*folder.glob("data/*.parquet"), *folder.glob("*.parquet")]):
        split = path.stem.split("-")[0]
        try:
            for batch in pq.ParquetFile(path).iter_batches():
                for row in batch.to_pylist():
                    yield split, from_example(row)
        except (OSError, pa.ArrowException, DatasetError) as error:
            raise DatasetError(f"{path}: cannot be read ({error})") from error


@contextmanager
def _workplace(target: Path) -> Iterator[Path]:
    """Give the folder beside the target where all is made, for one process at a time.

    It stays there when the work fails, and goes when it is done.
    """
    from filelock import FileLock

    refuse_occupied(target)
    work = target.with_name(f".{target.name}.partial")
    try:
        work.mkdir(parents=True, exist_ok=True)
        with FileLock(work / ".lock"):
            finished_elsewhere = _is_occupied(target)
            if not finished_elsewhere:
                yield work
            # a process that waits makes the lock anew, finds the target there, and comes here too
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        if _is_occupied(target):
            raise _occupied(target) from error
        raise DatasetError(
            f"{target}: cannot be written ({error}); choose a folder that can be, on a disk with "
            "room"
        ) from error
    if finished_elsewhere:
        raise _occupied(target)


def refuse_occupied(target: Path) -> None:
    """Refuse what a dataset cannot be written to, before any work is done for it.

    Raises:
        DatasetError: the folder exists, and is not empty.
    """
    if _is_occupied(target):
        raise _occupied(target)


def _is_occupied(target: Path) -> bool:
    return target.exists() and not (target.is_dir() and next(target.iterdir(), None) is None)


def _occupied(target: Path) -> DatasetError:
    return DatasetError(
        f"{target}: exists and is not an empty folder; choose another, or remove it"
    )


def _accept(
    source: RowSource | Iterable[Query],
    n: int | None,
    work: Path,
    leak_filter: LeakFilter,
    engine: Engine,
) -> Iterator[Query]:
    if isinstance(source, RowSource):
        wanted = DEFAULT_ROWS if n is None else n
        return select(walk(source, wanted, work, engine), wanted, leak_filter)
    return filter(leak_filter.accept, source) if n is None else select(source, n, leak_filter)


def _count_dropped(
    source: RowSource | Iterable[Query], census: Census, leak_filter: LeakFilter
) -> dict[str, int]:
    """Return the candidates that were refused by reason, and the indices that gave none."""
    dropped = dict(leak_filter.dropped)
    if isinstance(source, RowSource):
        empty = census.last_index + 1 - census.rows - leak_filter.dropped.total()
        dropped |= {"empty": empty} if empty else {}
    return dropped


def _list_sources(source: object) -> tuple[Source, ...]:
    """Return where the films of a builder's graph come from, sorted by name."""
    from ..synthesis.builder import SyntheticQueryBuilder

    if not isinstance(source, SyntheticQueryBuilder):
        return ()
    return tuple(one for _, one in sorted(source.graph.sources.items()))


def _measure(folder: Path) -> int:
    """Return the bytes of the folder's Parquet files, those of folders within it left out."""
    return sum(path.stat().st_size for path in folder.glob("*.parquet"))
