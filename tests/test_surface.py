"""What the package shows to the outside: names, weight of the import, direction of imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import moviequery

SRC = Path(moviequery.__file__).parent
HEAVY = ("torch", "transformers", "datasets", "evaluate", "peft", "trl", "bitsandbytes", "pandas")
HEAVY += ("onnxruntime", "tokenizers")
# Each room may import itself and what stands to the left of it.
ORDER = ("schema", "errors", "http_faults", "knowledge", "synthesis", "corpus", "modeling")
ORDER += ("evaluation", "recommendation", "option_values", "engine_options", "writer_options")
ORDER += ("parse_command", "train_command", "ground_command", "diversity_command")
ORDER += (
    "recommend_command",
    "publish_command",
    "baseline_command",
    "reading_options",
    "rewrite_options",
)
ORDER += ("rewrite_command", "extend_command", "reproduce_command", "commands", "cli")
SPECIAL = {
    "metrics": {"schema", "errors", "metrics"},
    "recommendation": {"schema", "errors", "knowledge", "recommendation"},
}
# The Hub's room knows finished folders, and none of our objects.
HUB = {path.stem for path in SRC.glob("hub*.py")}
SPECIAL |= dict.fromkeys(HUB, {"errors", "http_faults", *HUB})
SPECIAL["publish_command"] = {"errors", "publish_command", *HUB}


def test_public_names():
    assert moviequery.__all__ == [
        "EncoderConfig",
        "Entity",
        "Grammar",
        "Movie",
        "MovieGraph",
        "MovieQueryError",
        "ParsedQuery",
        "QLoRAConfig",
        "Query",
        "QueryParser",
        "Recommender",
        "SyntheticQueryBuilder",
        "load_queries",
        "read_catalogue",
        "train_encoder",
        "train_qlora",
    ]
    for name in moviequery.__all__:
        assert getattr(moviequery, name).__name__ == name
    with pytest.raises(AttributeError, match="no_such_name"):
        moviequery.no_such_name  # noqa: B018


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "import moviequery"],
        ["-c", "import moviequery; moviequery.Movie, moviequery.MovieGraph, moviequery.Grammar"],
        ["-c", "import moviequery; moviequery.QueryParser"],
        ["-c", "import moviequery; moviequery.Recommender"],
        ["-m", "moviequery", "--help"],
        ["-m", "moviequery", "train", "--help"],
    ],
)
def test_light_import(arguments):
    report = "import atexit, sys; atexit.register(lambda: print('MODULES', *sys.modules))"
    if arguments[0] == "-c":
        code = f"{report}\n{arguments[1]}"
    else:
        argv = ["moviequery", *arguments[2:]]
        code = f"{report}\nsys.argv = {argv}\nimport runpy\nrunpy.run_module('moviequery')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = result.stdout.rpartition("MODULES")[2].split()
    assert "moviequery" in loaded, result.stderr
    assert not {module.split(".")[0] for module in loaded} & set(HEAVY)


def imported_rooms(path):
    """Yield the rooms (top-level modules or packages of ours) that a file imports."""
    package = ["moviequery", *path.relative_to(SRC).with_suffix("").parts][:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{stem}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "moviequery" and len(parts) > 1 and not parts[1].startswith("__"):
                yield parts[1]


@pytest.mark.parametrize(
    "path", sorted(SRC.rglob("*.py")), ids=lambda path: str(path.relative_to(SRC))
)
def test_nothing_imports_upward(path):
    room = path.relative_to(SRC).with_suffix("").parts[0]
    if room in ("__init__", "__main__"):
        return
    # two doors open to other rooms, when they are called: to_dataset, and a text to recommend for
    doors = {"synthesis/builder.py": {"corpus"}, "recommendation/recommender.py": {"modeling"}}
    allowed = set(doors.get(path.relative_to(SRC).as_posix(), ()))
    if room in SPECIAL:
        allowed |= SPECIAL[room]
    elif room == "schema":
        allowed |= {"schema"}
    elif room in ("errors", "http_faults"):
        allowed |= {"schema", "errors"}
    else:
        allowed |= set(ORDER[: ORDER.index(room) + 1])
        allowed |= {"metrics"} if ORDER.index(room) >= ORDER.index("modeling") else set()
    assert set(imported_rooms(path)) <= allowed


def test_files_and_functions_stay_small():
    for path in sorted(SRC.rglob("*.py")):
        source = path.read_text("utf-8")
        assert source.count("\n") <= 350, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 70, f"{path}: {node.name}"
