"""What an earlier training of the fast parser learnt, for another one to go on from.

Imported only where torch is there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ..errors import ModelError, require
from .encoder_export import NAME_MARKS_FILE, NEGATION_FILE

if TYPE_CHECKING:
    from .encoder_network import JointEncoder

_ADAPTER = "adapter_model.safetensors"
# The pooler has an adapter in the intent's files alone; all else is the same in both.
_FILES = (
    f"intent/{_ADAPTER}",
    f"entities/{_ADAPTER}",
    f"entities/{NEGATION_FILE}",
    f"entities/{NAME_MARKS_FILE}",
)


def digest_start(folder: Path) -> str:
    """Return a digest of the weights that `train_encoder` wrote into a folder.

    Raises:
        ModelError: a file is missing.
    """
    if missing := [name for name in _FILES if not (folder / name).is_file()]:
        raise ModelError(
            f"{folder} lacks {', '.join(missing)}; a training goes on from a folder that "
            "`moviequery train --recipe encoder` wrote."
        )
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in _FILES)).hexdigest()


def load_start(network: JointEncoder, folder: Path) -> None:
    """Give a network the adapter and the heads of an earlier training.

    Raises:
        ModelError: the adapter has another rank.
    """
    load: Any = require("safetensors.torch", "train").load_file
    intent, entities, negation, names = (load(folder / name) for name in _FILES)
    weights = {f"negation.{name}": weight for name, weight in negation.items()}
    weights |= {f"names.{name}": weight for name, weight in names.items()}
    for head, tensors in (("intent", intent), ("spans", entities)):
        for name, weight in tensors.items():
            part = name.removeprefix("base_model.model.")
            if part.startswith("classifier."):
                weights[part.replace("classifier", head)] = weight
            else:
                inner = part.removeprefix("bert.").replace(".weight", ".default.weight")
                weights[f"encoder.base_model.model.{inner}"] = weight
    own = network.named_trained_weights()
    differing = [n for n, each in own.items() if n not in weights or weights[n].shape != each.shape]
    if differing or len(own) != len(weights):
        raise ModelError(
            f"{folder} holds an adapter of another shape ({(differing or ['layers'])[0]}); train "
            "with its r, see training_config.json there."
        )
    with torch.no_grad():
        for name, each in own.items():
            each.copy_(weights[name])
