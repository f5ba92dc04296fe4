"""An adapter folded into its base, for servers that take whole models only."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import ModelError, require
from .base_model import load_base
from .chat import load_tokenizer
from .model_source import find_source


def merge_adapter(adapter: str | Path, output: str | Path, base: str | None = None) -> Path:
    """Return the folder of a whole model, safetensors and tokenizer, that answers one task.

    The base is loaded in bf16: merging into 4-bit weights rounds the adapter away, and
    the answers change. Score the merged model again all the same, since the adapter was trained
    on the rounded base.

    Args:
        adapter: folder or Hub id of one adapter, such as `OUT/entities`.
        output: a folder that does not exist yet.
        base: the base in full precision, where the adapter's own note of it does not lead there.

    Raises:
        ModelError: the base is quantised, there is not exactly one adapter, or `output` exists.
    """
    output = Path(output)
    if output.exists():
        raise ModelError(f"{output} exists already; choose another folder.")
    parts = find_source(adapter, base)
    if len(parts.adapters) != 1:
        raise ModelError(
            f"{adapter} holds {len(parts.adapters)} adapters; a model takes one. Pass the folder "
            "of one of them."
        )
    folder = next(iter(parts.adapters.values()))
    model = load_base(parts.base, load_in_4bit=False, device="cpu", precision="bf16")
    if getattr(model, "is_quantized", False):
        raise ModelError(
            f"{parts.base} is quantised, and merging into it would change the answers. Pass the "
            "full-precision model as base."
        )
    merged = require("peft", "train").PeftModel.from_pretrained(model, str(folder))
    merged = merged.merge_and_unload(safe_merge=True)
    temporary = output.with_name(output.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    merged.save_pretrained(temporary, safe_serialization=True)
    load_tokenizer(str(folder)).save_pretrained(temporary)
    temporary.replace(output)
    return output
