"""The loading script and `load_queries`: cached once, mended when damaged, safe side by side."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import datasets
import pytest

from moviequery import SyntheticQueryBuilder, load_queries
from moviequery.corpus.checksums import matches_checksums
from moviequery.corpus.dataset import write_dataset
from moviequery.corpus.features import features, from_example
from moviequery.corpus.loader import MovieQueries, hash_inputs
from moviequery.errors import DatasetError
from moviequery.schema import Intent, Query

N = 150


@pytest.fixture(scope="module")
def expected(bundled_graph):
    """The rows of the default builder, as the dataset must hold them."""
    return rows_of(SyntheticQueryBuilder(bundled_graph, seed=7).to_dataset(N))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    load_queries(n=N, cache_dir=folder)
    return folder


@pytest.fixture(scope="module")
def folder(bundled_graph, tmp_path_factory):
    target = tmp_path_factory.mktemp("folder") / "films"
    write_dataset(SyntheticQueryBuilder(bundled_graph, seed=7), target, N)
    return target


def rows_of(dataset):
    return {name: [from_example(row) for row in rows] for name, rows in dataset.items()}


def arrow_files(cache):
    return sorted(cache.glob("movie_queries/**/*.arrow"))


def test_the_default_is_built_once_and_kept(cache, expected):
    before = [(path, path.stat().st_mtime_ns) for path in arrow_files(cache)]
    dataset = load_queries(n=N, cache_dir=cache)
    assert list(dataset) == ["train", "validation", "test"]
    assert dataset["train"].features == features()
    assert rows_of(dataset) == expected
    assert [(path, path.stat().st_mtime_ns) for path in arrow_files(cache)] == before
    assert len(before) == 3


def test_a_damaged_copy_is_built_again(cache, expected):
    changed = next(path for path in arrow_files(cache) if "train" in path.name)
    info = changed.parent / "dataset_info.json"
    assert matches_checksums(changed.parent)
    content = bytearray(changed.read_bytes())
    content[content.index(expected["train"][0].text.encode())] ^= 1
    changed.write_bytes(content)
    assert not matches_checksums(changed.parent)
    # `datasets` itself would fail on this one before it looks at the rows
    info.write_bytes(info.read_bytes()[:40])
    leftover = changed.parent.with_name(changed.parent.name + ".incomplete")
    leftover.mkdir()
    (leftover / changed.name).write_bytes(b"half")
    assert rows_of(load_queries(n=N, cache_dir=cache)) == expected
    assert matches_checksums(changed.parent)
    assert not leftover.exists()


def test_rows_can_be_streamed_as_they_are_made(tmp_path, expected):
    stream = load_queries(config="intent", n=N, cache_dir=tmp_path, streaming=True)
    assert [from_example(row) for row in stream["test"]] == expected["test"]
    assert not arrow_files(tmp_path)


def test_a_split_without_rows_is_left_out(tmp_path):
    dataset = load_queries(n=1, cache_dir=tmp_path)
    assert [len(split) for split in dataset.values()] == [1]


def test_another_content_of_a_file_is_another_dataset(tmp_path):
    table = tmp_path / "films.csv"
    table.write_text("title,year\nHeat,1995\n")
    first = hash_inputs([str(table)])
    table.write_text("title,year\nHeat,1996\n")
    assert len({first, hash_inputs([str(table)]), hash_inputs(), hash_inputs((), ["a"])}) == 4
    assert hash_inputs() == hash_inputs()


def test_the_configuration_takes_files_and_numbers(tmp_path):
    table = str(tmp_path / "films.csv")
    builder = MovieQueries(
        str(tmp_path), "intent", n=12, seed=3, catalogue=[table], grammar=["own.toml"]
    )
    config = builder.config
    assert (config.name, config.n, config.seed) == ("intent", 12, 3)
    assert (config.catalogue, config.grammar) == ((table,), ("own.toml",))
    assert set(MovieQueries.builder_configs) == {"entities", "intent"}
    assert MovieQueries(str(tmp_path)).config.name == "entities"
    with pytest.raises(ValueError, match="mood"):
        MovieQueries(str(tmp_path), "mood")


def test_the_loading_script_reads_catalogue_and_grammar(tmp_path):
    films = [f"Film {word},{1990 + i},Crime" for i, word in enumerate("abcdefghijklmnopqrstuvwxyz")]
    table = tmp_path / "films.csv"
    table.write_text("title,year,genres\n" + "\n".join(films) + "\n")
    grammar = tmp_path / "own.toml"
    grammar.write_text(
        "".join(
            f'[[frame]]\nid = "f{i}"\nintent = "{intent}"\nstyle = "chat"\n'
            f'text = "{words} {{title a}}"\n'
            for i, (intent, words) in enumerate(
                [
                    ("rec", "give me something like"),
                    ("rec", "what else resembles"),
                    ("rec", "I loved"),
                    ("non_rec", "when did they release"),
                    ("non_rec", "who wrote"),
                    ("non_rec", "how long is"),
                ]
            )
        )
    )
    builder = MovieQueries(
        str(tmp_path / "cache"), n=20, seed=1, catalogue=[str(table)], grammar=[str(grammar)]
    )
    builder.download_and_prepare()
    dataset = builder.as_dataset()
    streamed = builder.as_streaming_dataset()
    assert sum(len(split) for split in dataset.values()) == 20
    for name, rows in dataset.items():
        assert list(rows) == list(streamed[name])
        for row in rows:
            assert row["entities"][0]["text"].lower().startswith("film ")


@pytest.mark.parametrize("config", ["entities", "intent"])
def test_a_folder_is_loaded(folder, config, tmp_path, expected):
    assert rows_of(load_queries(folder, config, cache_dir=tmp_path)) == expected
    streamed = load_queries(str(folder), config, cache_dir=tmp_path, streaming=True)
    assert rows_of(streamed) == expected


def test_json_lines_are_loaded(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"text": "any heist movies?", "intent": "rec"}\n')
    query = Query("any heist movies?", Intent.REC)
    assert rows_of(load_queries(path)) == {"train": [query]}
    streamed = load_queries(path, streaming=True)
    assert isinstance(streamed, datasets.IterableDatasetDict)
    assert rows_of(streamed) == {"train": [query]}


@pytest.mark.parametrize(
    ("source", "config", "message"),
    [
        (None, "mood", "no configuration 'mood'; take entities or intent"),
        ("/nowhere/films", "entities", "no such folder or file"),
        ("./films", "entities", "no such folder or file"),
        ("films/queries.jsonl/more", "entities", "no such folder or file"),
        ("somebody/films", "entities", "somebody/films: cannot be loaded"),
    ],
)
def test_what_is_not_there_is_a_clear_error(source, config, message, tmp_path):
    with pytest.raises(DatasetError, match=message):
        load_queries(source, config, cache_dir=tmp_path)


def test_a_folder_that_is_no_dataset_is_a_clear_error(folder, tmp_path):
    with pytest.raises(DatasetError, match="no README.md"):
        load_queries(tmp_path)
    with pytest.raises(DatasetError, match="cannot be loaded .*mood"):
        load_queries(folder, "mood", cache_dir=tmp_path)


def test_a_cache_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match="cannot be kept there"):
        load_queries(n=5, cache_dir=tmp_path / "file")


def test_two_processes_at_once_build_once(tmp_path, expected):
    script = (
        "import json, sys\n"
        "from moviequery import load_queries\n"
        f"dataset = load_queries(n={N}, cache_dir=sys.argv[1])\n"
        "print(json.dumps(dataset['test']['text'][:]))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], outputs
    texts = [query.text for query in expected["test"]]
    assert [json.loads(out) for out, _ in outputs] == [texts, texts]
    built = [errors for _, errors in outputs if "Generating train split" in errors]
    assert len(built) == 1


def test_light_imports_stay_light():
    script = "import sys, moviequery; print('datasets' in sys.modules, 'pyarrow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]
