"""distilabel on the conversations of `rewrite.py`, which runs this in an environment of its own."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from datasets import Dataset
from distilabel.models.llms import LLM
from distilabel.pipeline import Pipeline
from distilabel.steps.tasks import ChatGeneration
from pydantic import PrivateAttr


class Instant(LLM):
    """Gives every conversation its reply at once; reads the replies in its own process."""

    path: str
    _replies: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def model_name(self) -> str:
        """Return a name for the logs."""
        return "instant"

    def load(self) -> None:
        """Read the replies."""
        super().load()
        asked = json.loads(Path(self.path).read_text("utf-8"))
        requests = (row[-1]["content"] for row in asked["rows"])
        self._replies = dict(zip(requests, asked["replies"], strict=True))

    def generate(self, inputs: list, num_generations: int = 1) -> list:
        """Return the replies in distilabel's form."""
        tokens = {"input_tokens": [1_000], "output_tokens": [50]}
        return [
            {"generations": [self._replies[one[-1]["content"]]], "statistics": tokens}
            for one in inputs
        ]


def main() -> None:
    """Run the pipeline on the first n conversations of a file."""
    path, count = sys.argv[1], int(sys.argv[2])
    rows = json.loads(Path(path).read_text("utf-8"))["rows"][:count]
    with tempfile.TemporaryDirectory() as folder:
        with Pipeline("rewrite", cache_dir=folder) as pipeline:
            ChatGeneration(llm=Instant(path=path))
        given = Dataset.from_list([{"messages": row} for row in rows])
        found = pipeline.run(dataset=given)["default"]["train"]
        done = [row for row in found if row["generation"]]
    if len(done) != len(rows):
        raise SystemExit(f"distilabel answered {len(done)} of {len(rows)} rows: no fair time")


if __name__ == "__main__":
    main()
