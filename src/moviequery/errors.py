"""The errors that moviequery raises for a user's mistakes, and the gate for optional packages.

```
MovieQueryError
├── CatalogueError      a table cannot be read as a film catalogue
├── GraphError          RDF input, a store or a SPARQL query is wrong
├── GrammarError        a grammar file is wrong: names the file, the line and the slot
├── GroundingError      a query states something that the graph does not hold
├── DatasetError        a dataset folder, split or row is wrong
├── EvaluationError     a file to be scored, or a label map, is wrong
├── ModelError          an adapter, a base model or a training configuration is wrong
├── WriterError         a language model does not answer, or refuses to
├── HubError            a folder is not fit to be published, or the Hub does not take it
└── MissingExtraError   a package is needed that the light installation leaves out
```
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .schema import Entity, Query


class MovieQueryError(Exception):
    """Base of every error that a user can mend; its text says what was wrong and what to do."""


class CatalogueError(MovieQueryError):
    """A table cannot be read as a film catalogue."""


class GraphError(MovieQueryError):
    """RDF input, a store or a SPARQL query is wrong."""


class GrammarError(MovieQueryError):
    """A grammar file is wrong; the text names the file, the line and the slot."""


class GroundingError(MovieQueryError):
    """A query states something that the graph does not hold.

    Attributes:
        query: the refused query.
        missing: the entities whose claim or wish the graph does not support.
    """

    def __init__(self, message: str, query: Query, missing: tuple[Entity, ...]) -> None:
        """Keep the query and the entities at fault beside the message."""
        super().__init__(message)
        self.query = query
        self.missing = missing


class DatasetError(MovieQueryError):
    """A dataset folder, split or row is wrong."""


class EvaluationError(MovieQueryError):
    """A file to be scored, or a label map, is wrong."""


class ModelError(MovieQueryError):
    """An adapter, a base model or a training configuration is wrong."""


class WriterError(MovieQueryError):
    """A language model does not answer, or refuses to.

    Attributes:
        lasting: True where every later request would end like this one: no such model, no right.
        refused: True where the server has refused what was asked, and would do so again.
        requests: how many were made, the failed ones included.
    """

    def __init__(
        self, message: str, *, lasting: bool = False, refused: bool = False, requests: int = 1
    ) -> None:
        """Keep what the fault means for other requests beside the message."""
        super().__init__(message)
        self.lasting = lasting
        self.refused = refused
        self.requests = requests


class HubError(MovieQueryError):
    """A folder is not fit to be published, or the Hub does not take it."""


class MissingExtraError(MovieQueryError, ImportError):
    """A package is needed that the light installation leaves out."""


def require(module: str, extra: str) -> Any:  # noqa: ANN401 - a module's attributes are not known here
    """Return the imported module, or say which extra brings it.

    Raises:
        MissingExtraError: the package is not installed.

    Example:
        >>> require("json", "train").dumps([1])
        '[1]'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise  # the package is there; something inside it is broken, which is another story
        raise MissingExtraError(
            f"{module} is needed here: pip install 'moviequery[{extra}]'"
        ) from error
