"""A folder to a release: what is missing is added, what may not leave is refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from .errors import HubError
from .hub import get_token
from .hub_cards import find_card_faults, read_header
from .hub_model_card import ModelFacts, render_model_card
from .hub_origin import read_dataset
from .hub_release import CARD, Release, check_name, find_file_faults, list_files, read_bytes
from .hub_results import ADAPTER, METRICS, SETTINGS, read_json

_FORM = b"[More Information Needed]"
_LOADING = re.compile(rb'(\b(?:load_dataset|evaluate\.load)\(")[^"]*"')
_SHOWN = 20
# What a training of several tasks says once, beside the folders of its tasks.
_SHARED = (METRICS, SETTINGS)
_MODELS = (ADAPTER, "config.json", "parser.json")


def prepare_release(
    kind: str,
    folder: Path,
    repo_id: str,
    *,
    card: Path | None = None,
    dataset: str | None = None,
    base_model: str | None = None,
    licence: str | None = None,
) -> Release:
    """Return the release that a finished folder makes, once nothing speaks against it.

    Args:
        kind: `dataset`, `adapter`, `metric` or `space`.
        folder: what `moviequery build` or `moviequery train` wrote, or a metric's or an app's.
        repo_id: `NAMESPACE/NAME` on the Hub.
        card: the file that becomes `README.md`, where the folder has none. That of an adapter is
            made from its results.
        dataset: of an adapter: the dataset's folder, or `NAMESPACE/NAME@REVISION` on the Hub.
        base_model: of an adapter: the Hub id to name instead of a local folder.
        licence: of an adapter: a Hub licence identifier; None knows those of common bases.

    Raises:
        HubError: names each file that may not be sent, and each fault of the card.
    """
    check_name(repo_id)
    found, left_out = list_files(folder)
    files: dict[str, Path | bytes] = dict(found)
    if card is not None:
        if not card.is_file():
            raise HubError(f"{card}: there is no such card")
        files[CARD] = card.read_bytes()
    if kind == "adapter":
        forms = _drop_forms(files)
        left_out += forms
        _add_shared(files, folder)
        if base_model:
            _rename_base(files, base_model)
    # files first: what a card is made from must be fit to be read
    faults = find_file_faults(kind, files, folder, get_token())
    if faults:
        raise _refuse(folder, faults)
    if kind == "adapter" and not _is_finished(files.get(CARD)):
        before = read_bytes(files.pop(CARD, b"")).decode(errors="replace")
        facts = ModelFacts(repo_id, read_dataset(dataset, files), licence, before)
        files[CARD] = render_model_card(files, facts).encode()
        faults = find_file_faults(kind, {CARD: files[CARD]}, folder, get_token())
    if CARD not in files:
        raise HubError(f"{folder}: there is no card; write a {CARD}, or name a file with --card")
    files[CARD] = _name_repository(read_bytes(files[CARD]), repo_id)
    try:
        header = read_header(read_bytes(files[CARD]).decode(errors="replace"))
    except ValueError as error:
        raise _refuse(folder, [f"{CARD}: {error}"]) from error
    faults += find_card_faults(kind, repo_id.partition("/")[2], header, files)
    faults += _find_missing(kind, files)
    if faults:
        raise _refuse(folder, faults)
    return Release(kind, repo_id, dict(sorted(files.items())), header, left_out)


def _name_repository(card: bytes, repo_id: str) -> bytes:
    """Return the card with its examples loading from the Hub instead of from a folder."""
    return _LOADING.sub(lambda found: found[1] + repo_id.encode() + b'"', card)


def _is_finished(card: Path | bytes | None) -> bool:
    """Return True for a card that says which release it belongs to, as a training's does not."""
    try:
        text = read_bytes(card).decode(errors="replace") if card else ""
        return "moviequery" in read_header(text)
    except ValueError:
        return False


def _refuse(folder: Path, faults: list[str]) -> HubError:
    shown = "; ".join(faults[:_SHOWN])
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return HubError(f"{folder} is not fit to be published: {shown}{more}")


def _find_missing(kind: str, files: Mapping[str, Path | bytes]) -> list[str]:
    """Return what a repository of this kind cannot do without."""
    names = {path.rpartition("/")[2] for path in files}
    if kind == "dataset" and not any(name.endswith(".parquet") for name in names):
        return ["there is no Parquet file, which is what load_dataset and the viewer read"]
    if kind != "adapter":
        return []
    if not names & set(_MODELS):
        return [f"there is no model in it: none of {', '.join(_MODELS)}"]
    faults = [
        f"{path}: there are no weights beside it (adapter_model.safetensors)"
        for path in files
        if path.endswith(ADAPTER)
        and f"{path.removesuffix(ADAPTER)}adapter_model.safetensors" not in files
    ]
    unfinished = sorted({path.split("/")[0] for path in files if ".unfinished/" in path})
    return faults + [f"{name}: is a training that has not ended" for name in unfinished]


def _drop_forms(files: dict[str, Path | bytes]) -> tuple[str, ...]:
    """Take away the forms to be filled in that peft writes, and return their names."""
    forms = [
        path
        for path, source in files.items()
        if path.rpartition("/")[2] == CARD and _FORM in read_bytes(source)
    ]
    for path in forms:
        del files[path]
    return tuple(forms)


def _add_shared(files: dict[str, Path | bytes], folder: Path) -> None:
    """Add what the training says of all its tasks to the folder of one task."""
    if METRICS in files or any(path.endswith(f"/{METRICS}") for path in files):
        return
    for name in _SHARED:
        path = folder.resolve().parent / name
        if path.is_file() and name not in files:
            files[name] = path


def _rename_base(files: dict[str, Path | bytes], base_model: str) -> None:
    """Put a Hub id where the adapters name the folder that their base happened to be in."""
    before = {
        str(read_json(source).get("base_model_name_or_path"))
        for path, source in files.items()
        if path.endswith(ADAPTER)
    }
    for path, source in files.items():
        if path.endswith(".json") and (values := read_json(source)):
            renamed = {
                key: base_model if isinstance(value, str) and value in before else value
                for key, value in values.items()
            }
            if renamed != values:
                files[path] = (json.dumps(renamed, ensure_ascii=False, indent=2) + "\n").encode()
