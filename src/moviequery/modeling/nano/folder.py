"""Where the nano base lies."""

from __future__ import annotations

from pathlib import Path

from ...errors import ModelError

# The name it goes by wherever a model is asked for.
NANO = "nano"
# What a folder says of its pre-training: the frames whose queries it has read, one id a line.
FRAMES_FILE = "frames.txt"
_BUNDLED = Path(__file__).parent / "bundled"


def find_nano() -> Path:
    """Return the folder of the nano base, which transformers loads as any other model.

    Raises:
        ModelError: this installation came without its weights.
    """
    if not (_BUNDLED / "model.safetensors").is_file():
        raise ModelError(
            f"The nano base is not in {_BUNDLED}. Install moviequery from its wheel or repository, "
            "or make it with tools/pretrain_nano.py."
        )
    return _BUNDLED


def resolve_base(source: str) -> str:
    """Return the folder for the name `nano`, and any other folder or Hub id as it is.

    Example:
        >>> resolve_base("meta-llama/Llama-3.2-3B-Instruct")
        'meta-llama/Llama-3.2-3B-Instruct'
    """
    return str(find_nano()) if source == NANO else source


def read_frames(source: str) -> frozenset[str]:
    """Return the frames whose queries a base has read; none where it does not say so.

    They are some of the train frames of the grammar it was made with. A later grammar may have
    dealt its frames out anew, so whoever tests on unseen frames leaves these out.

    Example:
        >>> read_frames("meta-llama/Llama-3.2-3B-Instruct")
        frozenset()
    """
    path = Path(resolve_base(source)) / FRAMES_FILE
    return frozenset(path.read_text("utf-8").split() if path.is_file() else ())
