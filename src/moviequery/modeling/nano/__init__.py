"""The nano base: a small Llama of our own, pre-trained from scratch and bundled.

It stands in for Llama 3.2 where no weights can be downloaded: the same architecture, special
tokens and chat template, so that the whole recipe of the paper runs on it unchanged.
`tools/pretrain_nano.py` makes it again.
"""

from __future__ import annotations

from .folder import NANO as NANO
from .folder import find_nano as find_nano
from .folder import read_frames as read_frames
from .folder import resolve_base as resolve_base
