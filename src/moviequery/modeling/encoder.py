"""The fast parser's training: a small encoder, one adapter, three answers, a CPU.

```python
train_encoder("queries", "OUT", EncoderConfig(passes=2))
```
reads a synthetic dataset and writes, once all is done, `OUT/` with `onnx/` (what `QueryParser`
runs), `entities/` and `intent/` (plain peft adapters), `merged-entities/` and `merged-intent/`
(plain transformers models), `metrics.json`, `curves.png` and a card.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, require
from ..knowledge.graph import MovieGraph
from .bundle import MODEL_FILE
from .encoder_base import BASE_ID, BASE_SHA256, find_base
from .encoder_bundle import calibrate, describe, write_bundles
from .encoder_card import CARD_FILE, render_card
from .encoder_configuration import EncoderConfig as EncoderConfig
from .encoder_report import METRICS_FILE, EncoderReport, draw_curves, select_curve
from .encoder_rows import (
    EncodedRow,
    encode_query,
    fingerprint,
)
from .name_lexicon import NameLexicon
from .training_folder import CONFIG_FILE, TrainingFolder, write_json
from .training_rows import read_splits
from .words import WordTokenizer

if TYPE_CHECKING:
    from ..schema import Query
    from .encoder_network import JointEncoder

_log = logging.getLogger(__name__)
_LIBRARIES = ("torch", "transformers", "peft", "onnx", "onnxruntime")


def train_encoder(
    source: Any,  # noqa: ANN401 - see read_splits
    out: str | Path,
    config: EncoderConfig | None = None,
    *,
    base: str | Path | None = None,
    start: str | Path | None = None,
    graph: MovieGraph | None = None,
    overwrite: bool = False,
) -> EncoderReport:
    """Return the report of the training; the model is in `out`.

    A training that was killed goes on from its last checkpoint when it is called again with the
    same arguments, and comes to the same weights. One that is finished is not done again.

    Args:
        source: queries; a mapping of splits to queries; a `datasets.DatasetDict`; or a folder or
            Hub id. The split `train` is learnt; `validation` draws the learning curve and fits
            how sure the parser says it is; `test` is scored. The last two may be missing.
        out: folder that appears when all is done; unfinished work lies beside it.
        config: how to train.
        base: folder of all-MiniLM-L6-v2; None looks for it, see `find_base`.
        start: what an earlier training wrote, whose adapter and heads this one goes on from; with
            None it begins with new ones.
        graph: whose names are marked in the texts, and come with the model; None takes the
            bundled one. A parser can be given the names of any other graph.
        overwrite: throw away what an earlier training left in `out`.

    Raises:
        ModelError: the base, the settings or the folder are wrong; says what to change.
        DatasetError: the dataset cannot be read, or has no train split.
        MissingExtraError: a package of the extra `train` is missing.
    """
    config = config or EncoderConfig()
    for module in (*_LIBRARIES, "matplotlib"):
        require(module, "train")  # now, not after half an hour
    folder = find_base(base)
    splits = {
        name: rows[: config.rows if name == "train" else config.scored_rows]
        for name, rows in read_splits(source).items()
    }
    out = Path(out).resolve()
    place = TrainingFolder(out.parent, out.name)
    names = NameLexicon.from_index((graph or MovieGraph.bundled()).index)
    first = Path(start) if start else None
    return _Training(config, folder, splits, place, names, first).run(overwrite)


@dataclass(frozen=True, slots=True)
class _Training:
    """Settings, base, queries and folder of one training."""

    config: EncoderConfig
    base: Path
    splits: Mapping[str, Sequence[Query]]
    place: TrainingFolder
    lexicon: NameLexicon
    start: Path | None = None

    def run(self, overwrite: bool) -> EncoderReport:
        """Train, unless it is done, and return the report."""
        dataset = fingerprint(self.splits["train"])
        settings = {
            "recipe": "encoder",
            "base_model": BASE_ID,
            "base_sha256": BASE_SHA256,
            "config": self.config.to_dict(),
            "dataset": dataset,
            "evaluated_on": {
                name: fingerprint(rows) for name, rows in self.splits.items() if name != "train"
            },
            "names": self.lexicon.digest(),
            **self._describe_start(),
        }
        if self.place.open(settings, overwrite):
            _log.info("%s is trained already", self.place.final)
            return EncoderReport.read(self.place.final)
        tokenizer = WordTokenizer(self.base / "tokenizer.json")
        rows = {
            name: self._encode(tokenizer, queries)
            for name, queries in self.splits.items()
            if name in ("train", "validation")
        }
        if not rows["train"]:
            raise ModelError(
                f"No row of the train split is as short as max_tokens={self.config.max_tokens}."
            )
        network, trained = self._train(rows)
        result = self.place.begin_result()
        exported = self._export(network, rows, result, dataset)
        described = {**self._describe(dataset, rows), **self._describe_start()}
        report = EncoderReport({**described, **trained, **exported})
        write_json(result / METRICS_FILE, report.metrics)
        draw_curves(trained["curve"], result)
        card = render_card(report.metrics, settings, self.place.final.name)
        (result / CARD_FILE).write_text(card, "utf-8")
        write_json(result / CONFIG_FILE, settings)
        self.place.finish()
        return report

    def _describe_start(self) -> dict[str, str]:
        if self.start is None:
            return {}
        from .encoder_start import digest_start

        return {"start_sha256": digest_start(self.start)}

    def _encode(self, tokenizer: WordTokenizer, queries: Sequence[Query]) -> list[EncodedRow]:
        rows = [encode_query(tokenizer, query, self.lexicon) for query in queries]
        return [row for row in rows if len(row.ids) <= self.config.max_tokens]

    def _train(
        self, rows: Mapping[str, Sequence[EncodedRow]]
    ) -> tuple[JointEncoder, dict[str, Any]]:
        """Return the trained network, and what was counted and measured on the way."""
        from .encoder_export import load_tokenizer
        from .encoder_processes import train_network
        from .encoder_training import EncoderTraining

        config, checkpoint = self.config, self.place.last_checkpoint()
        training = EncoderTraining(
            config=config,
            base=self.base,
            start=self.start,
            rows=rows["train"],
            shown=rows.get("validation", [])[: config.evaluation_rows],
            mask=load_tokenizer(self.base).mask_token_id,
            checkpoints=self.place.checkpoints,
            resume_from=checkpoint,
        )
        begun = int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0
        started = time.perf_counter()
        network, log = train_network(training)
        seconds = time.perf_counter() - started
        steps = training.batches.steps
        learnt = (steps - begun) / steps * len(rows["train"]) * config.passes
        return network, {
            "steps": steps,
            "resumed_from": begun,
            "seconds": round(seconds, 1),
            "examples_per_second": round(learnt / seconds, 1),
            "trainable_parameters": sum(
                weight.numel() for group in network.trained_weights() for weight in group
            ),
            "total_parameters": sum(weight.numel() for weight in network.parameters()),
            "curve": select_curve(log),
        }

    def _export(
        self,
        network: JointEncoder,
        rows: Mapping[str, Sequence[EncodedRow]],
        result: Path,
        dataset: str,
    ) -> dict[str, Any]:
        """Write all forms of the network, and return how good the two graphs are."""
        from .encoder_export import be_quiet, write_adapters
        from .encoder_measures import score_rows
        from .fast_reader import FastReader

        fine, small = self.place.work / "fp32", result / "onnx"
        settings = describe(dataset, self.config)
        with be_quiet():
            write_adapters(network.eval(), self.base, self.config, result)
            write_bundles(network, self.base, fine, small, settings, rows["train"], self.lexicon)
        if rows.get("validation"):
            settings = calibrate(
                (fine, small), settings, self.splits["validation"], rows["validation"]
            )
        readers = {"fp32": FastReader(fine), "int8": FastReader(small)}
        scores = {
            split: {name: score_rows(reader, queries) for name, reader in readers.items()}
            for split, queries in self.splits.items()
            if split != "train" and queries
        }
        return {
            "temperature": settings["temperature"],
            "threshold": settings["threshold"],
            "onnx_bytes": (small / MODEL_FILE).stat().st_size,
            "lost_to_int8": {
                split: round(each["fp32"]["micro_f1"] - each["int8"]["micro_f1"], 5)
                for split, each in scores.items()
            },
            "scores": scores,
        }

    def _describe(self, dataset: str, rows: Mapping[str, Sequence[EncodedRow]]) -> dict[str, Any]:
        return {
            "recipe": "encoder",
            "learnt": "synthetic rows of the train split alone; no query of a real person was read",
            "base": BASE_ID,
            "dataset": dataset,
            "rows": {name: len(queries) for name, queries in self.splits.items()},
            "dropped_rows": len(self.splits["train"]) - len(rows["train"]),
            "passes": self.config.passes,
            "libraries": {name: version(name) for name in _LIBRARIES},
        }
