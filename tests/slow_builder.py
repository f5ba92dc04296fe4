"""A source of rows that never ends with a row, and says which process it runs in."""

from __future__ import annotations

import os
import time
from pathlib import Path

from small_builder import SmallBuilder


class SlowBuilder(SmallBuilder):
    """Leaves a file named after its process, then waits."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def row(self, index):
        (Path(self.folder) / f"worker-{os.getpid()}").touch()
        time.sleep(600)
