"""The loading script of the dataset, and `load_queries` on top of it.

`datasets` 5 runs no scripts from a repository any more, so this one is a class of the library: it
makes the rows from a catalogue and a grammar. What is published is Parquet and a card.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
from datasets.exceptions import DatasetsError
from filelock import FileLock

from .. import __version__
from ..errors import DatasetError
from ..schema import Query
from .candidates import make_filter, select, walk
from .card import CONFIGS
from .checksums import CHECKSUMS, matches_checksums, refuse_damage, write_checksums
from .dataset import CARD, DEFAULT_ROWS, from_queries, read_queries
from .features import features, to_example
from .splits import SPLITS, split_of, split_order

_NAME = "movie_queries"
_PACKAGE = Path(__file__).parents[1]
_HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


@dataclass
class MovieQueriesConfig(datasets.BuilderConfig):  # type: ignore[misc]
    """What the rows are made from.

    Attributes:
        n: rows of all splits together.
        seed: any whole number.
        catalogue: files for `read_catalogue`; none means the bundled catalogue.
        grammar: TOML files for `Grammar.read`; none means the bundled grammar.
    """

    n: int = DEFAULT_ROWS
    seed: int = 7
    catalogue: tuple[str, ...] = ()
    grammar: tuple[str, ...] = ()


class MovieQueries(datasets.GeneratorBasedBuilder):  # type: ignore[misc]
    """Builds the dataset where `datasets` keeps its own, once per content of what goes into it.

    Both configurations give the same columns: `entities` is meant for span extraction, `intent`
    for classification.

    Example:
        >>> builder = MovieQueries(config_name="intent", n=2_000, seed=7)
        >>> builder.config.n
        2000
    """

    VERSION = datasets.Version(__version__)
    BUILDER_CONFIG_CLASS = MovieQueriesConfig
    BUILDER_CONFIGS = [
        MovieQueriesConfig(name=name, version=datasets.Version(__version__)) for name in CONFIGS
    ]
    DEFAULT_CONFIG_NAME = CONFIGS[0]

    def __init__(
        self,
        cache_dir: str | None = None,
        config_name: str | None = None,
        n: int = DEFAULT_ROWS,
        seed: int = 7,
        catalogue: Iterable[str] = (),
        grammar: Iterable[str] = (),
        **options: object,
    ) -> None:
        """Take the fields of `MovieQueriesConfig`, and what `datasets.DatasetBuilder` takes."""
        files = {"catalogue": tuple(catalogue), "grammar": tuple(grammar)}
        options.setdefault("dataset_name", _NAME)
        # it names the cache folder, so that other contents of these files are another dataset
        options.setdefault("hash", hash_inputs(**files))
        # only what is given goes on, since the rest would make the folder's name unreadable
        given = {key: value for key, value in files.items() if value}
        super().__init__(cache_dir, config_name=config_name, n=n, seed=seed, **given, **options)

    def download_and_prepare(self, *args: object, **options: object) -> None:
        """Build the rows unless they are in the cache; the arguments are those of `datasets`."""
        super().download_and_prepare(*args, **options)
        folder = Path(self._output_dir)
        if folder.is_dir() and not (folder / CHECKSUMS).exists():
            write_checksums(folder)

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(
            description="Film queries with intents and entities, made from a catalogue.",
            features=features(),
        )

    def _split_generators(
        self, dl_manager: datasets.DownloadManager
    ) -> list[datasets.SplitGenerator]:
        if dl_manager.is_streaming:
            # each split of a stream walks over the indices for itself
            kept: dict[str, tuple[Query, ...] | None] = dict.fromkeys(SPLITS)
        else:
            rows: dict[str, list[Query]] = {}
            for query in self._select():
                rows.setdefault(split_of(query), []).append(query)
            # tuples, since `datasets` takes a list for files to be shared out to processes;
            # and it cannot read back a split without rows
            kept = {name: tuple(rows[name]) for name in split_order(rows)}
        return [
            datasets.SplitGenerator(name=name, gen_kwargs={"split": name, "queries": queries})
            for name, queries in kept.items()
        ]

    def _generate_examples(
        self, split: str, queries: tuple[Query, ...] | None
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, query in enumerate(self._select() if queries is None else queries):
            if split_of(query) == split:
                yield number, to_example(query)

    def _select(self) -> Iterator[Query]:
        """Yield the rows of all splits in order of index."""
        from ..knowledge.catalogue import read_catalogue
        from ..knowledge.graph import MovieGraph
        from ..synthesis.builder import SyntheticQueryBuilder
        from ..synthesis.grammar import Grammar

        config = self.config
        graph = (
            MovieGraph.from_movies(read_catalogue(*config.catalogue))
            if config.catalogue
            else MovieGraph.bundled()
        )
        grammar = Grammar.read(*config.grammar) if config.grammar else None
        builder = SyntheticQueryBuilder(graph, grammar, seed=config.seed)
        yield from select(walk(builder, config.n), config.n, make_filter(builder, config.n))


def load_queries(
    source: str | os.PathLike[str] | None = None,
    config: str = CONFIGS[0],
    n: int = DEFAULT_ROWS,
    seed: int = 7,
    cache_dir: str | os.PathLike[str] | None = None,
    streaming: bool = False,
    revision: str | None = None,
) -> datasets.DatasetDict | datasets.IterableDatasetDict:
    """Return the queries as a dataset with splits.

    Without a source, the rows are made from the bundled catalogue on first use and kept in the
    cache of `datasets`, under a hash of everything they depend on; a damaged or half-written copy
    is built again. Several processes may call this at once: one builds, the others wait.

    Args:
        source: a dataset folder, a file of JSON lines, or the id of a dataset on the Hub.
        config: `entities` or `intent`; a dataset on the Hub may have others.
        n: rows of all splits together; for a source, all its rows count.
        seed: of the builder; a source has its own.
        cache_dir: instead of the cache of `datasets`.
        streaming: return datasets that are read, or made, row by row as they are asked for.
        revision: of a dataset on the Hub: a tag, such as a release's, a branch or a commit.

    Raises:
        DatasetError: there is no such dataset or configuration, or it cannot be read or kept.
    """
    cache = None if cache_dir is None else str(cache_dir)
    if revision is not None and (source is None or Path(source).exists()):
        raise DatasetError(
            f"a revision belongs to a dataset on the Hub, not to {source or 'rows made here'}; "
            "leave it out, or give the dataset's id"
        )
    if source is not None:
        return _load_source(source, config, cache, streaming, revision)
    if config not in CONFIGS:
        raise DatasetError(f"there is no configuration {config!r}; take {' or '.join(CONFIGS)}")
    root = Path(cache or datasets.config.HF_DATASETS_CACHE).expanduser()
    try:
        if streaming:
            return MovieQueries(str(root), config, n, seed).as_streaming_dataset()
        return _load_default(config, n, seed, root)
    except OSError as error:
        raise DatasetError(
            f"{root}: the dataset cannot be kept there ({error}); pass cache_dir= or set "
            "HF_DATASETS_CACHE to a folder that can be written"
        ) from error


def _load_default(config: str, n: int, seed: int, root: Path) -> datasets.DatasetDict:
    root.mkdir(parents=True, exist_ok=True)
    key = hash_inputs()
    with FileLock(root / f"{_NAME}.lock"):
        # the folder of each configuration, n, seed and version that this code and data made
        for folder in root.glob(f"{_NAME}/*/*/{key}"):
            if not matches_checksums(folder):
                shutil.rmtree(folder)
        builder = MovieQueries(str(root), config, n, seed, hash=key)
        builder.download_and_prepare()
        return builder.as_dataset()


def _load_source(
    source: str | os.PathLike[str],
    config: str,
    cache: str | None,
    streaming: bool,
    revision: str | None,
) -> datasets.DatasetDict | datasets.IterableDatasetDict:
    path = Path(source)
    if path.is_file():
        dataset = from_queries(read_queries(path))
        return _stream(dataset) if streaming else dataset
    if path.is_dir() and not (path / CARD).is_file():
        raise DatasetError(f"{path}: no {CARD} in it, so it is no finished dataset folder")
    if not path.is_dir() and not _HUB_ID.fullmatch(str(source)):
        raise DatasetError(f"{path}: there is no such folder or file")
    refuse_damage(path, only=path)
    try:
        return datasets.load_dataset(
            str(source), config, cache_dir=cache, streaming=streaming, revision=revision
        )
    # ValueError: the card has no such configuration
    except (DatasetsError, OSError, ValueError) as error:
        where = "" if path.exists() else "; no folder or file of that name is here"
        raise DatasetError(f"{source}: cannot be loaded ({error}){where}") from error


def _stream(dataset: datasets.DatasetDict) -> datasets.IterableDatasetDict:
    return datasets.IterableDatasetDict(
        {name: split.to_iterable_dataset() for name, split in dataset.items()}
    )


def hash_inputs(catalogue: Iterable[str] = (), grammar: Iterable[str] = ()) -> str:
    """Return a hash of all that the rows depend on beside n and seed, without loading it.

    That is the code and data of the rooms that make rows, and the user's files. An endpoint
    counts by its address alone: its rows are taken to be the same tomorrow.
    """
    digest = hashlib.sha256(__version__.encode())
    rooms = ("knowledge", "synthesis", "corpus")
    own = [path for room in rooms for path in (_PACKAGE / room).rglob("*") if path.is_file()]
    for path in sorted([*own, _PACKAGE / "schema.py"]):
        if path.suffix != ".pyc":
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    for given in [*catalogue, "", *grammar]:
        digest.update(given.encode())
        if Path(given).is_file():
            digest.update(Path(given).read_bytes())
    return digest.hexdigest()
