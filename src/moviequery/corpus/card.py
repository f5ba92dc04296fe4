"""The card of a dataset folder: the README.md that `load_dataset` and the Hub read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..knowledge.sources import Source
from ..schema import ENTITY_TYPES, Intent
from .census import Census, short_name

if TYPE_CHECKING:
    from huggingface_hub import DatasetCardData

CONFIGS = ("entities", "intent")  # the first is the default
CHALLENGE = "challenge"
CHALLENGE_FOLDER = f"data/{CHALLENGE}"
_OPEN_LICENCES = {"CC0 1.0", "CC BY 3.0"}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))


@dataclass(frozen=True, slots=True)
class ChallengeFacts:
    """What a card says of the challenge splits: counts, bytes by split, bytes of the files."""

    census: Census
    sizes: Mapping[str, int]
    files_size: int


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card says beside the counts.

    Attributes:
        location: what a reader passes to `load_dataset`.
        fingerprint: of the builder; empty where the rows came without one.
        sources: the catalogues that the films come from.
        licence: a Hub licence identifier; None takes it from the sources.
        sizes: bytes in memory by split.
        files_size: bytes of the Parquet files.
        challenge: None where the folder has no challenge splits.
    """

    location: str
    fingerprint: str = ""
    sources: tuple[Source, ...] = ()
    licence: str | None = None
    sizes: Mapping[str, int] | None = None
    files_size: int = 0
    challenge: ChallengeFacts | None = None


def render_card(census: Census, facts: CardFacts) -> str:
    """Return the card's text: YAML for `load_dataset` and the Hub, then Markdown for people."""
    template = Template((files(__package__) / "card.md").read_text(encoding="utf-8"))
    licence = facts.licence or _derive_licence(facts.sources)
    return template.substitute(
        metadata=f"---\n{_metadata(census, facts, licence).to_yaml()}\n---\n",
        title="moviequery: film queries with intents and entities",
        rows=f"{census.rows:,}",
        n=census.rows,
        location=facts.location,
        splits=_splits_table(census),
        types=_types_table(census),
        origin=_origin_sentence(census),
        negated=f"{census.negated:,}",
        dropped=_dropped_sentence(census),
        challenge=_challenge_section(facts),
        distribution=_distribution_table(census),
        risks=_risks_table(census, facts),
        version=__version__,
        seed=", ".join(map(str, sorted(census.seeds))) or "unknown",
        fingerprint=facts.fingerprint or "unknown",
        datasets_version=version("datasets"),
        pyarrow_version=version("pyarrow"),
        licence=f"Licence: `{licence}`. The films' facts come from:",
        sources=_sources_list(facts.sources),
    )


def _metadata(census: Census, facts: CardFacts, licence: str) -> DatasetCardData:
    from datasets import DatasetInfo
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData

    from .features import features

    card_data = DatasetCardData(
        language=["en"],
        license=licence,
        pretty_name="moviequery",
        annotations_creators=["machine-generated"],
        language_creators=["machine-generated"],
        multilinguality=["monolingual"],
        source_datasets=["original"],
        size_categories=[_size_category(census.rows)],
        task_categories=["token-classification", "text-classification"],
        task_ids=["named-entity-recognition", "intent-classification"],
        tags=["moviequery", "movies", "conversational-search", "knowledge-graph", "synthetic"],
    )
    own = _describe_files(census, facts.sizes or {}, facts.files_size)
    infos = {config: DatasetInfo(features=features(), **own) for config in CONFIGS}
    configs = [
        {
            "config_name": config,
            **({"default": True} if config == CONFIGS[0] else {}),
            "data_files": _list_files("data", census),
        }
        for config in CONFIGS
    ]
    if more := facts.challenge:
        described = _describe_files(more.census, more.sizes, more.files_size)
        infos[CHALLENGE] = DatasetInfo(features=features(), **described)
        files = _list_files(CHALLENGE_FOLDER, more.census)
        configs.append({"config_name": CHALLENGE, "data_files": files})
    DatasetInfosDict(infos).to_dataset_card_data(card_data)
    card_data["configs"] = configs
    # what a release is named by, see `moviequery publish`
    card_data["moviequery"] = {
        "version": __version__,
        "fingerprint": facts.fingerprint,
        "seed": sorted(census.seeds),
        "rows": census.rows,
        "challenge": facts.challenge.census.rows if facts.challenge else 0,
    }
    return card_data


def _describe_files(census: Census, sizes: Mapping[str, int], files_size: int) -> dict[str, Any]:
    return {
        "splits": [
            {"name": name, "num_bytes": sizes.get(name, 0), "num_examples": count}
            for name, count in census.splits.items()
        ],
        "download_size": files_size,
        "dataset_size": sum(sizes.values()),
    }


def _list_files(folder: str, census: Census) -> list[dict[str, str]]:
    return [{"split": name, "path": f"{folder}/{name}-*.parquet"} for name in census.splits]


def _challenge_section(facts: CardFacts) -> str:
    """Return what the card says of the challenge splits, or nothing where there are none."""
    if facts.challenge is None:
        return ""
    text = (files(__package__) / "challenge.md").read_text(encoding="utf-8")
    table = _splits_table(facts.challenge.census)
    return Template(text).substitute(location=facts.location, table=table)


def _size_category(rows: int) -> str:
    return next((name for bound, name in _SIZES if rows < bound), "n>1M")


def _derive_licence(sources: tuple[Source, ...]) -> str:
    """Return CC BY 4.0 where every source is known to allow it, else that it is not known."""
    known = bool(sources) and all(source.licence in _OPEN_LICENCES for source in sources)
    return "cc-by-4.0" if known else "unknown"


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table; numbers get thousands separators."""
    lines = [list(header)]
    lines += [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    lines.insert(1, ["---"] + ["---:"] * (len(lines[0]) - 1))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _splits_table(census: Census) -> str:
    rows: list[list[object]] = [
        [name, *(census.intents[name, intent] for intent in Intent), count]
        for name, count in census.splits.items()
    ]
    return _table(["split", *(f"`{intent}`" for intent in Intent), "queries"], rows)


def _types_table(census: Census) -> str:
    rows: list[list[object]] = []
    for kind in ENTITY_TYPES:
        counts = [census.types[name, kind] for name in census.splits]
        if any(counts):
            rows.append([f"`{kind}`", *counts, sum(counts)])
    return _table(["entity type", *census.splits, "all"], rows)


def _distribution_table(census: Census) -> str:
    rows = [
        [
            kind,
            len(counts),
            ", ".join(f"{short_name(name)} {share:.2%}" for name, share in census.top(counts)),
        ]
        for kind, counts in census.distributions().items()
    ]
    return _table(["what", "distinct", "most frequent"], rows)


def _risks_table(census: Census, facts: CardFacts) -> str:
    """Return the risks of made-up data, and what the counts say of each."""
    shares = [
        f"{short_name(name)} {share:.2%} ({kind})"
        for kind, counts in census.distributions().items()
        for name, share in census.top(counts)[:1]
    ]
    harder = facts.challenge.census.splits.get("adversarial", 0) if facts.challenge else 0
    evasion = f"{harder:,} adversarial queries with gold labels" if harder else "nothing in here"
    return _table(
        ("risk", "what is known of it"),
        [
            (
                "unrepresentative data",
                "composed, not collected; `moviequery evaluate FOLDER --diversity --against "
                "people.bio` measures how far from people's queries",
            ),
            ("bias", f"most frequent of all queries: {', '.join(shares) or 'nothing'}"),
            ("evasion", f"to test a model with: {evasion}"),
        ],
    ).replace("---:", "---")


def _dropped_sentence(census: Census) -> str:
    dropped = ", ".join(f"{count:,} {reason}" for reason, count in sorted(census.dropped.items()))
    return f"Candidates left out for that, as repetitions, or without a text: {dropped or 'none'}."


def _origin_sentence(census: Census) -> str:
    rewritten = census.origins["rewritten"]
    if not rewritten:
        return "No text was written or labelled by a person or by a language model."
    return f"A language model has then put {rewritten:,} of the texts in other words."


def _sources_list(sources: tuple[Source, ...]) -> str:
    if not sources:
        return "- a catalogue that the builder of this dataset named no source of"
    return "\n".join(
        f"- {source.title}, {source.licence}" + (f", <{source.url}>" if source.url else "")
        for source in sorted(sources, key=lambda source: source.name)
    )
