"""The folder that the fast parser runs from: graph, tokenizer, settings, licence."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..schema import Intent
from .bundle import FORMAT, MODEL_FILE, SETTINGS_FILE, TOKENIZER_FILE
from .encoder_base import BASE_ID, BASE_SHA256
from .encoder_rows import EncodedRow, collate
from .name_lexicon import NAMES_FILE
from .network import INPUTS
from .tags import TAGS
from .training_folder import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..schema import Query
    from .encoder_configuration import EncoderConfig
    from .encoder_network import JointEncoder
    from .name_lexicon import NameLexicon

LICENCE_FILE = "LICENSE.md"
# The widest ranges are those of a few channels, much the same in any text.
RANGE_ROWS = 512
_LICENCE = f"""# Licence

These files are derived from [{BASE_ID}](https://huggingface.co/{BASE_ID}), which its authors
published under the Apache License, Version 2.0 (<https://www.apache.org/licenses/LICENSE-2.0>),
and are given on under the same licence.

Changes: an adapter, three heads and an input for known names were trained on synthetic film queries
and folded in; the weights were quantised to 8 bits. `tokenizer.json` is the base's, without its
limits of length.

`names.json` holds titles and names of the film catalogue beside which it was trained: unless
another was named, moviequery's own, whose sources and licences are in `LICENSES.md` beside it.
"""


def write_bundles(
    network: JointEncoder,
    base: Path,
    fine: Path,
    small: Path,
    settings: dict[str, Any],
    rows: Sequence[EncodedRow],
    lexicon: NameLexicon,
) -> None:
    """Write the network as a bundle in fp32 (`fine`) and one in 8 bits (`small`).

    Both bring the names. The ranges of activations are those of the first `RANGE_ROWS` rows.
    """
    from .activation_ranges import fix_ranges
    from .encoder_export import load_tokenizer, quantise_graph, write_graph

    for folder in (fine, small):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        load_tokenizer(base).backend_tokenizer.save(str(folder / TOKENIZER_FILE))
        (folder / LICENCE_FILE).write_text(_LICENCE, "utf-8")
        write_json(folder / SETTINGS_FILE, settings)
        lexicon.write(folder / NAMES_FILE)
    write_graph(network, fine / MODEL_FILE)
    quantise_graph(fine / MODEL_FILE, small / MODEL_FILE)
    fix_ranges(
        small / MODEL_FILE,
        (_feed(row) for row in rows[:RANGE_ROWS]),
    )


def _feed(row: EncodedRow) -> dict[str, Any]:
    batch = {name: tensor.numpy() for name, tensor in collate([row]).items()}
    return {name: batch[name] for name in INPUTS}


def describe(dataset: str, config: EncoderConfig) -> dict[str, Any]:
    """Return the settings of a bundle before they are fitted to its scores."""
    return {
        "format": FORMAT,
        "labels": list(TAGS),
        "intents": [intent.value for intent in Intent],
        "temperature": {"spans": 1.0, "intent": 1.0},
        "threshold": 0.5,
        "max_tokens": config.max_tokens,
        "dataset": dataset,
        "base": BASE_ID,
        "base_sha256": BASE_SHA256,
        "licence": "Apache-2.0",
    }


def calibrate(
    folders: Sequence[Path],
    settings: dict[str, Any],
    queries: Sequence[Query],
    rows: Sequence[EncodedRow],
) -> dict[str, Any]:
    """Return the settings fitted to rows that were not learnt, and write them into the folders.

    What is measured is the last of the folders.
    """
    from .encoder_measures import fit_temperatures, fit_threshold
    from .fast_reader import FastReader
    from .network import Network

    small = folders[-1]
    spans, intent = fit_temperatures(Network(small / MODEL_FILE), rows)
    settings = {**settings, "temperature": {"spans": spans, "intent": intent}}
    write_json(small / SETTINGS_FILE, settings)
    settings["threshold"] = fit_threshold(FastReader(small), queries)
    for folder in folders:
        write_json(folder / SETTINGS_FILE, settings)
    return settings
