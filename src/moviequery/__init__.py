"""Turn a film catalogue into a search box people can talk to.

Film tables become a knowledge graph, the graph becomes chat-style queries with gold labels, and
the queries train and score parsers. Names are imported on first use, so that `import moviequery`
loads neither torch nor datasets.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .corpus.loader import load_queries as load_queries
    from .errors import MovieQueryError as MovieQueryError
    from .knowledge.catalogue import read_catalogue as read_catalogue
    from .knowledge.graph import MovieGraph as MovieGraph
    from .modeling.encoder import EncoderConfig as EncoderConfig
    from .modeling.encoder import train_encoder as train_encoder
    from .modeling.parser import QueryParser as QueryParser
    from .modeling.qlora import QLoRAConfig as QLoRAConfig
    from .modeling.qlora import train_qlora as train_qlora
    from .recommendation.recommender import Recommender as Recommender
    from .schema import Entity as Entity
    from .schema import Movie as Movie
    from .schema import ParsedQuery as ParsedQuery
    from .schema import Query as Query
    from .synthesis.builder import SyntheticQueryBuilder as SyntheticQueryBuilder
    from .synthesis.grammar import Grammar as Grammar

__version__ = "0.1.0"

_HOMES = {
    "EncoderConfig": "modeling.encoder",
    "Entity": "schema",
    "Grammar": "synthesis.grammar",
    "Movie": "schema",
    "MovieGraph": "knowledge.graph",
    "MovieQueryError": "errors",
    "ParsedQuery": "schema",
    "QLoRAConfig": "modeling.qlora",
    "Query": "schema",
    "QueryParser": "modeling.parser",
    "Recommender": "recommendation.recommender",
    "SyntheticQueryBuilder": "synthesis.builder",
    "load_queries": "corpus.loader",
    "read_catalogue": "knowledge.catalogue",
    "train_encoder": "modeling.encoder",
    "train_qlora": "modeling.qlora",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605 - a list of strings, made from one table


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type depends on the name
    if name not in _HOMES:
        raise AttributeError(f"module 'moviequery' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
