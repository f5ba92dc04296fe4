"""Base models as training and parsing load them: precision, 4 bits, device, memory used."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from ..errors import ModelError, require
from .nano.folder import NANO, resolve_base


def select_device(device: str | None = None) -> str:
    """Return the device that is asked for, or the best one: this process's GPU, else the CPU."""
    torch = require("torch", "train")
    if device is not None:
        return device
    if torch.cuda.is_available():
        return f"cuda:{int(os.environ.get('LOCAL_RANK', '0'))}"
    return "cpu"


def select_dtype(precision: str, load_in_4bit: bool, device: str) -> Any:  # noqa: ANN401 - torch.dtype
    """Return the type to compute in.

    `auto` is bf16 on a GPU that has it. On a CPU it is bf16 for a 4-bit base, which is how
    bitsandbytes computes there, and fp32 otherwise.

    Raises:
        ModelError: bf16 is asked for on a GPU without it.
    """
    torch = require("torch", "train")
    on_cpu = device == "cpu"
    has_bf16 = on_cpu or torch.cuda.is_bf16_supported(including_emulation=False)
    if precision == "bf16" and not has_bf16:
        raise ModelError("This GPU does not compute in bf16. Use precision='auto' or 'fp32'.")
    if precision == "auto":
        precision = "bf16" if has_bf16 and (load_in_4bit or not on_cpu) else "fp32"
    return {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[precision]


def load_base(
    source: str, *, load_in_4bit: bool, precision: str = "auto", device: str | None = None
) -> Any:  # noqa: ANN401 - a PreTrainedModel
    """Return the causal language model of a folder, a Hub id or `nano`, ready on its device.

    Weights are read from safetensors only, and no code of the model's repository is run.

    Raises:
        ModelError: there is no such model, it is not a causal language model, it holds no
            safetensors, or it is quantised already.
        MissingExtraError: transformers or, for 4 bits, bitsandbytes is not installed.
    """
    transformers = require("transformers", "train")
    folder = resolve_base(source)
    device = select_device(device)
    dtype = select_dtype(precision, load_in_4bit, device)
    options: dict[str, Any] = {}
    if load_in_4bit:
        require("bitsandbytes", "train")
        options["quantization_config"] = transformers.BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    try:
        configuration = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
        if getattr(configuration, "quantization_config", None) and load_in_4bit:
            raise ModelError(
                f"{source} is quantised already. Give the model in full precision, or "
                "load_in_4bit=False."
            )
        model = transformers.AutoModelForCausalLM.from_pretrained(
            folder,
            config=configuration,
            dtype=dtype,
            device_map={"": device},
            use_safetensors=True,
            trust_remote_code=False,
            **options,
        )
    except (OSError, ValueError) as error:
        raise ModelError(
            f"No causal language model can be read from {source!r}: {error}"
        ) from error
    if source == NANO:
        # what its adapters note as their base, so that they find it in any installation
        model.name_or_path = model.config._name_or_path = NANO
    return model


def check_target_modules(model: Any, target_modules: Sequence[str]) -> None:  # noqa: ANN401
    """Refuse target modules of which one matches nothing; peft refuses only if none matches.

    Raises:
        ModelError: names the module and lists those that the model has.
    """
    ends = (model.get_input_embeddings(), model.get_output_embeddings())
    layers = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        # norms have weights too, but of one dimension
        if getattr(getattr(module, "weight", None), "ndim", 0) == 2
        and not any(module is end for end in ends)
    }
    if missing := [name for name in target_modules if name.rpartition(".")[2] not in layers]:
        raise ModelError(
            f"The model has no layers named {missing}; target_modules can be among "
            f"{sorted(layers)}."
        )


def reset_peak_memory() -> None:
    """Begin a new peak on a GPU; that of a process on a CPU is of its whole life."""
    torch = require("torch", "train")
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()


def peak_memory() -> int:
    """Return the most bytes used since the reset on a GPU, else by the process in its life."""
    torch = require("torch", "train")
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    try:
        import resource
    except ImportError:  # Windows has no such count
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # bytes there, kibibytes elsewhere
