"""What `reproduce` compares: a model before and after fine-tuning, and the baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import __version__
from ..modeling.bundle import BUNDLED
from ..modeling.model_files import describe_model
from ..modeling.name_listing import read_names
from .baselines import Baseline, open_baseline
from .presets import Preset

BASE, TUNED, HELD = "base", "fine_tuned", "fine_tuned_constrained"


@dataclass(frozen=True, slots=True)
class System:
    """Something that answers queries.

    Attributes:
        name: its key in `results.json`.
        title: its name in tables and pictures.
        made_of: all that decides its answers, as plain JSON values.
        open: returns what answers; takes seconds, and memory.
    """

    name: str
    title: str
    made_of: Mapping[str, Any]
    open: Callable[[], Baseline]


def list_causal_systems(preset: Preset, adapters: Path) -> list[System]:
    """Return the base, the base with its adapters, and that held to the schema of the answers.

    The first two write freely, as in the paper, so that the parse rate says what was learnt.

    Args:
        preset: of the experiment.
        adapters: folder with one adapter per task.
    """
    base = preset.model
    plain = {
        "base": describe_model(base),
        "in_4bit": preset.answer_in_4bit,
        "max_new_tokens": preset.max_new_tokens,
        "names": read_names().digest() if preset.config.list_names else None,
    }
    tuned = {**plain, "adapters": describe_model(str(adapters))}
    return [
        System(
            BASE,
            f"{preset.title}, base",
            plain,
            lambda: _open(
                base, preset, template=preset.config.template, names=preset.config.list_names
            ),
        ),
        System(
            TUNED, f"{preset.title}, fine-tuned", tuned, lambda: _open(adapters, preset, base=base)
        ),
        System(
            HELD,
            f"{preset.title}, fine-tuned, held to JSON",
            {**tuned, "constrained": True},
            lambda: _open(adapters, preset, base=base, constrained=True),
        ),
    ]


def _open(source: str | Path, preset: Preset, **options: Any) -> Baseline:  # noqa: ANN401
    return open_baseline(
        f"prompted:{source}",
        batch_size=preset.batch_size,
        load_in_4bit=preset.answer_in_4bit,
        max_new_tokens=preset.max_new_tokens,
        **options,
    )


def list_baselines(names: Iterable[str], batch_size: int) -> list[System]:
    """Return the baselines of those names, see `open_baseline`."""
    return [
        System(
            name,
            name,
            {"baseline": name, "version": __version__, **_describe_baseline(name)},
            lambda name=name: open_baseline(name, batch_size=batch_size),  # type: ignore[misc]
        )
        for name in names
    ]


def _describe_baseline(name: str) -> dict[str, str]:
    """Return the files of the model that a baseline runs, if it runs one."""
    if name == "fast":
        return describe_model(str(BUNDLED))
    _, _, model = name.partition(":")
    return describe_model(model) if model else {}
