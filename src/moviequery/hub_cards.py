"""Cards as the Hub wants them: their metadata, and that their numbers are those of the files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from .hub_release import CARD, read_bytes
from .hub_results import METRICS, Result, find_results, read_json, results_table

Files = Mapping[str, Path | bytes]
TAG = "moviequery"  # by which a repository is known to be one of ours
_NEEDED = {
    "dataset": (
        *("annotations_creators", "configs", "dataset_info", "language", "license", "pretty_name"),
        *("size_categories", "task_categories", "task_ids"),
    ),
    "adapter": ("base_model", "datasets", "language", "library_name", "license", "pipeline_tag"),
    "metric": ("colorFrom", "colorTo", "emoji", "license", "sdk", "title"),
    "space": (
        "app_file",
        "colorFrom",
        "colorTo",
        "emoji",
        "license",
        "sdk",
        "sdk_version",
        "title",
    ),
}
_SECTIONS = {
    "dataset": ("Load it", "Columns", "Splits", "Biases", "Risks", "Licence", "Citation"),
    "adapter": ("Use it", "Training", "Results", "Limits", "Risks", "Licence", "Citation"),
    "metric": ("How to use", "Outputs", "Limits"),
    "space": (),
}
_UNFILLED = re.compile(r"\[More Information Needed\]|\bTODO\b|(?<!\w)\$\{?[a-z_]+\b|\{\{.*?\}\}")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))


def read_header(text: str) -> dict[str, Any]:
    """Return the metadata of a card.

    Raises:
        ValueError: there is none, or it is no YAML.
    """
    import yaml

    parts = re.split(r"^---[ \t]*\r?\n", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise ValueError("does not begin with metadata between two lines of ---")
    try:
        header = yaml.safe_load(parts[1])
    except yaml.YAMLError as error:
        raise ValueError(f"its metadata are no YAML ({error})") from error
    if not isinstance(header, dict):
        raise ValueError("its metadata are no YAML mapping")
    return header


def find_card_faults(kind: str, name: str, header: Mapping[str, Any], files: Files) -> list[str]:
    """Return what is wrong with a card, each as `README.md: reason`.

    Args:
        kind: of the release.
        name: of the repository, without its namespace.
        header: the card's metadata.
        files: of the release, the card among them.
    """
    text = read_bytes(files[CARD]).decode(errors="replace")
    faults = [f"has no {key!r} in its metadata" for key in _NEEDED[kind] if not header.get(key)]
    if TAG not in (header.get("tags") or []):
        faults.append(f"has no tag {TAG!r}, by which the next run knows the repository")
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    for section in _SECTIONS[kind]:
        if not any(section.lower() in heading.lower() for heading in headings):
            faults.append(f"has no section {section!r}")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    faults += [f"has an unfilled place: {found[0]}" for found in _UNFILLED.finditer(prose)][:3]
    faults += _CHECKS[kind](name, header, files)
    return [f"{CARD}: {fault}" for fault in faults]


def _check_dataset(_: str, header: Mapping[str, Any], files: Files) -> Iterator[str]:
    """Compare counts and sizes in the card with the Parquet files."""
    infos = header.get("dataset_info") or []
    described = {info.get("config_name"): info for info in _as_list(infos)}
    rows = 0
    for number, config in enumerate(_as_list(header.get("configs") or [])):
        name = config.get("config_name")
        counted: dict[str, int] = {}
        size = 0
        for each in _as_list(config.get("data_files") or []):
            found = [path for path in files if fnmatch(path, str(each.get("path")))]
            if not found:
                yield f"names {each.get('path')!r} in {name!r}, but there is no such file"
            counted[str(each.get("split"))] = sum(count_rows(files[path]) for path in found)
            size += sum(len(read_bytes(files[path])) for path in found)
        rows = sum(counted.values()) if number == 0 else rows
        info = described.get(name)
        if info is None:
            yield f"has no 'dataset_info' of configuration {name!r}"
            continue
        said = {split["name"]: split["num_examples"] for split in info.get("splits", [])}
        if said != counted:
            yield f"says {said} rows in {name!r}; the files hold {counted}"
        if info.get("download_size") != size:
            yield f"says {info.get('download_size')} bytes for {name!r}; the files have {size}"
    category = next((word for bound, word in _SIZES if rows < bound), "n>1M")
    if header.get("size_categories") != [category]:
        yield f"says size {header.get('size_categories')}; {rows} rows are [{category!r}]"
    if (said_rows := (header.get("moviequery") or {}).get("rows")) not in (None, rows):
        yield f"says {said_rows} rows in all; the files hold {rows}"
    scripts = [path for path in files if path.endswith(".py")]
    if scripts:
        yield f"a script beside it ({scripts[0]}) keeps load_dataset from reading the dataset"


def count_rows(source: Path | bytes) -> int:
    """Return the rows of a Parquet file; 0 where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if isinstance(source, bytes):
            return int(pq.read_metadata(pa.BufferReader(source)).num_rows)
        return int(pq.read_metadata(source).num_rows)
    except (OSError, pa.ArrowException):
        return 0


def _check_adapter(_: str, header: Mapping[str, Any], files: Files) -> Iterator[str]:
    """Compare the base and the results in the card with the files they come from."""
    for path in files:
        if path.rpartition("/")[2] == "adapter_config.json":
            base = read_json(files[path]).get("base_model_name_or_path")
            if base not in _as_list(header.get("base_model")):
                yield f"says base_model {header.get('base_model')!r}; {path} says {base!r}"
    if not any(path.rpartition("/")[2] == METRICS for path in files):
        yield f"there is no {METRICS} for its numbers to come from"
        return
    expected = find_results(files)
    said = _read_model_index(header)
    for key, value in said.items():
        if key not in expected:
            yield f"says {_describe(key)} {value}; {METRICS} has no such result"
        elif value != expected[key]:
            yield f"says {_describe(key)} {value}; the results say {expected[key]}"
    for key in sorted(set(expected) - set(said)):
        yield f"leaves out {_describe(key)} {expected[key]}"
    if results_table(expected) not in read_bytes(files[CARD]).decode(errors="replace"):
        yield "its table of results is not that of the results"


def _read_model_index(header: Mapping[str, Any]) -> dict[Result, float]:
    found = {}
    for model in _as_list(header.get("model-index") or []):
        for result in model.get("results", []):
            dataset = result.get("dataset", {})
            for metric in result.get("metrics", []):
                key = Result(
                    result.get("task", {}).get("type", ""),
                    dataset.get("name", ""),
                    dataset.get("split", ""),
                    metric.get("name", ""),
                )
                found[key] = metric.get("value")
    return found


def _describe(result: Result) -> str:
    return f"{result.metric} of {result.task} on {result.dataset} ({result.split})"


def _check_metric(name: str, header: Mapping[str, Any], files: Files) -> Iterator[str]:
    """`evaluate.load` looks for a module with the name of the repository."""
    if f"{name}.py" not in files:
        found = ", ".join(path for path in files if path.endswith(".py")) or "none"
        yield (
            f"evaluate.load wants a module {name}.py, with the name of the repository; here are: "
            f"{found}"
        )
    if header.get("sdk") == "gradio" and header.get("app_file", "app.py") not in files:
        yield "names the sdk gradio, but there is no app"


def _check_space(_: str, header: Mapping[str, Any], files: Files) -> Iterator[str]:
    if header.get("app_file") and header["app_file"] not in files:
        yield f"names the app {header['app_file']!r}, which is not there"
    if "requirements.txt" not in files:
        yield "there is no requirements.txt beside it, so the app would miss its packages"
    if len(str(header.get("short_description", ""))) > 60:
        yield "has a short_description of more than 60 characters"


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 - YAML
    return value if isinstance(value, list) else [value]


_CHECKS: Mapping[str, Callable[[str, Mapping[str, Any], Files], Iterator[str]]] = {
    "dataset": _check_dataset,
    "adapter": _check_adapter,
    "metric": _check_metric,
    "space": _check_space,
}
