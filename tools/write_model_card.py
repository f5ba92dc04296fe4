"""Write `model_cards/fast_parser/`: the results of a training, and the card that follows from them.

Run it once the weights that are shipped are chosen:

    python tools/write_model_card.py OUT DATASET [EVALUATIONS]

OUT is what `moviequery train --recipe encoder` wrote, DATASET the folder that it was trained on,
EVALUATIONS a JSON list of results on other data, see `hub_results.find_results`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from moviequery.hub_model_card import ModelFacts, render_model_card
from moviequery.hub_origin import DatasetOrigin, read_dataset

CARDS = Path(__file__).parents[1] / "model_cards"
FAST_PARSER = CARDS / "fast_parser"
REPO_ID = "YOUR_NAME/fast-parser"
# of the dataset that the shipped weights were trained on, as it would be published
DATASET_ID = "YOUR_NAME/film-queries"
TRAINING_CARD = "training_card.md"  # as the training wrote it


def list_results(folder: Path) -> dict[str, Path | bytes]:
    """Return the files that the card of the bundled parser follows from."""
    names = ("metrics.json", "training_config.json", "evaluations.json", "parser.json")
    files: dict[str, Path | bytes] = {
        name: folder / name for name in names if (folder / name).is_file()
    }
    return files | {"model.onnx": b""}  # what it says of the graph stands in the others


def main(out: Path, dataset: Path, evaluations: Path | None = None) -> None:
    """Copy the results and render the card."""
    FAST_PARSER.mkdir(parents=True, exist_ok=True)
    for path in (out / "metrics.json", out / "training_config.json", out / "onnx" / "parser.json"):
        shutil.copy(path, FAST_PARSER / path.name)
    shutil.copy(out / "README.md", FAST_PARSER / TRAINING_CARD)
    if evaluations:
        shutil.copy(evaluations, FAST_PARSER / "evaluations.json")
    files = list_results(FAST_PARSER)
    found = read_dataset(str(dataset), files)
    origin = DatasetOrigin(DATASET_ID, found.revision, found.fingerprint)
    before = (FAST_PARSER / TRAINING_CARD).read_text("utf-8")
    card = render_model_card(files, ModelFacts(REPO_ID, origin, training_card=before))
    (FAST_PARSER / "README.md").write_text(card, encoding="utf-8", newline="\n")
    print(FAST_PARSER / "README.md")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
