"""Which dataset a model was trained on, and that it is the one that is named."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from .errors import HubError
from .hub_cards import read_header
from .hub_release import CARD, Release, list_files
from .hub_results import METRICS, Files, read_json


@dataclass(frozen=True, slots=True)
class DatasetOrigin:
    """The dataset that a model was trained on.

    Attributes:
        repo_id: on the Hub; empty for a folder that was never named.
        revision: the name of its release.
        fingerprint: of graph, grammar and seed.
    """

    repo_id: str
    revision: str
    fingerprint: str


def read_dataset(name: str | None, files: Files) -> DatasetOrigin:
    """Return the dataset of a training: as it is named, or as the training's files know it.

    A folder must be the one that was trained on, where the training wrote the hash of its rows.

    Raises:
        HubError: no dataset is named, or the folder holds other rows.
    """
    trained = {
        str(read_json(source).get("dataset"))
        for path, source in files.items()
        if path.rpartition("/")[2] == METRICS and read_json(source).get("dataset")
    }
    if name is None:
        raise HubError(
            "the card must say what the adapter was trained on: name the dataset's folder, or "
            "NAMESPACE/NAME@REVISION on the Hub, with --dataset"
        )
    folder = Path(name.partition("@")[0])
    if not folder.is_dir():
        repo_id, _, revision = name.partition("@")
        if not revision or repo_id.count("/") != 1:
            raise HubError(
                f"{name!r} is neither a dataset's folder nor NAMESPACE/NAME@REVISION on the Hub"
            )
        return DatasetOrigin(repo_id, revision, next(iter(sorted(trained)), ""))
    return _read_folder(folder, trained, files)


def _read_folder(folder: Path, trained: set[str], files: Files) -> DatasetOrigin:
    try:
        header = read_header((folder / CARD).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise HubError(f"{folder}: its {CARD} cannot be read ({error})") from error
    metrics = next((read_json(files[path]) for path in files if path.endswith(METRICS)), {})
    rows = (metrics.get("rows") or {}).get("train") if trained else None
    if rows and (found := hash_rows(folder, rows)) not in trained:
        raise HubError(
            f"{folder}: its train rows have the hash {found[:12]}, the training saw "
            f"{sorted(trained)[0][:12]}; name the dataset that was trained on"
        )
    origin = header.get("moviequery") or {}
    release = Release("dataset", "", list_files(folder)[0], header)
    return DatasetOrigin("", release.tag, str(origin.get("fingerprint") or ""))


def hash_rows(folder: Path, rows: int) -> str:
    """Return the hash that a training writes of the first rows of the train split."""
    digest = hashlib.sha256()
    with (folder / "queries.jsonl").open("rb") as file:
        for line in file:
            if rows and json.loads(line)["provenance"]["split"] == "train":
                digest.update(line)
                rows -= 1
    return digest.hexdigest()
