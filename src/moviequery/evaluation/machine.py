"""What a measurement ran on."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from ..errors import require

_CPU_INFO = Path("/proc/cpuinfo")


def describe_machine() -> dict[str, Any]:
    """Return processor, cores, GPU, Python and torch, as plain JSON values."""
    torch = require("torch", "train")
    has_gpu = torch.cuda.is_available()
    return {
        "processor": _name_processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if has_gpu else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _name_processor() -> str:
    if _CPU_INFO.exists():
        for line in _CPU_INFO.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
