"""Pre-train the nano base from scratch on text about the bundled graph's train films.

python tools/pretrain_nano.py --out nano-run

writes `nano-run/final`, a plain transformers folder; started again after a kill it goes on. The
bundled weights, `src/moviequery/modeling/nano/bundled/`, are such a folder.

python tools/pretrain_nano.py --start nano-run/final --closing-rounds 9 --out nano-longer

goes on from such a folder with further closing rounds.
"""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from pathlib import Path

from moviequery import MovieGraph
from moviequery.modeling.nano.configuration import NanoConfig
from moviequery.modeling.nano.pretraining import pretrain_nano


def main() -> None:
    """Read the options, pre-train, and print the folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("nano-run"), help="folder to write")
    parser.add_argument("--start", type=Path, help="base to go on from with more closing rounds")
    for entry in fields(NanoConfig):
        option = f"--{entry.name.replace('_', '-')}"
        parser.add_argument(option, type=type(entry.default), help=f"default: {entry.default}")
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    out, start = given.pop("out"), given.pop("start", None)
    print(pretrain_nano(MovieGraph.bundled(), out, replace(NanoConfig(), **given), start))


if __name__ == "__main__":
    main()
