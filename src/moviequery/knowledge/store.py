"""The RDF stores behind a graph: Oxigraph, or plain rdflib memory."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyoxigraph as ox
from oxrdflib import OxigraphStore
from rdflib import Dataset
from rdflib.plugins.stores.memory import Memory

from ..errors import GraphError
from .vocabulary import PREFIXES

STORES = ("oxigraph", "memory")


class _Watch:
    """Notes whether a store was changed through rdflib since it was filled.

    The arguments are those of rdflib's `Store`.
    """

    edited = False

    def add(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        self.edited = True
        super().add(*arguments, **options)  # type: ignore[misc]

    def addN(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        self.edited = True
        super().addN(*arguments, **options)  # type: ignore[misc]

    def remove(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        self.edited = True
        super().remove(*arguments, **options)  # type: ignore[misc]

    def remove_graph(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        self.edited = True
        super().remove_graph(*arguments, **options)  # type: ignore[misc]

    def update(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        self.edited = True
        return super().update(*arguments, **options)  # type: ignore[misc]


class _WatchedOxigraph(_Watch, OxigraphStore):  # type: ignore[misc]
    pass


class _WatchedMemory(_Watch, Memory):
    pass


def check_store(name: str) -> str:
    """Return the name of a store, or say which there are.

    Raises:
        GraphError: there is no such store.
    """
    if name not in STORES:
        raise GraphError(f"there is no store {name!r}; choose one of {STORES}")
    return name


def open_dataset(name: str, text: str) -> Dataset:
    """Return a dataset that holds the N-Quads of a text.

    Its default graph is not the union of all graphs: Oxigraph would find a fact as often as sources
    state it, and every count would be wrong. Our default graph holds each fact once.
    """
    if name == "oxigraph":
        store = ox.Store()
        # lenient: the IRIs are ours or were made safe; checking them again costs 1/5 more
        store.bulk_load(text.encode(), ox.RdfFormat.N_QUADS, lenient=True)
        dataset = Dataset(store=_WatchedOxigraph(store=store), default_union=False)
    else:
        dataset = Dataset(store=_WatchedMemory(), default_union=False)
        if text:
            dataset.parse(data=text, format="nquads")
    for prefix, namespace in PREFIXES.items():
        dataset.bind(prefix, namespace, replace=True)
    dataset.store.edited = False  # type: ignore[attr-defined]
    return dataset


def dump_dataset(dataset: Dataset) -> set[str]:
    """Return all that a dataset holds as N-Quads lines."""
    text = dataset.serialize(format="ox-nq" if is_oxigraph(dataset) else "nquads")
    return {f"{quad} ." for quad in ox.parse(text, ox.RdfFormat.N_QUADS)}


def edit_lines(name: str, dataset: Dataset, lines: Collection[str]) -> set[str]:
    """Return the lines with what was added to and removed from the dataset since it was opened.

    rdflib rewrites some literals when it reads them, so both sides go through the same store.
    """
    if not dataset.store.edited:  # type: ignore[attr-defined]
        return set(lines)
    now, before = dump_dataset(dataset), dump_dataset(open_dataset(name, "\n".join(lines)))
    return (set(lines) | (now - before)) - (before - now)


def is_oxigraph(dataset: Dataset) -> bool:
    """Return whether a dataset lies in an Oxigraph store."""
    return isinstance(dataset.store, OxigraphStore)
