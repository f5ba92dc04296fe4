"""What publishing refuses, each by the name of its file, and never showing a secret."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
import struct
import subprocess
import sys
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hub_fixtures import TOKEN, client_env, dataset_folder, hub

from moviequery.errors import HubError
from moviequery.hub_contents import find_faults
from moviequery.hub_preparation import prepare_release
from moviequery.hub_release import check_name

__all__ = ["dataset_folder", "hub"]  # fixtures
NAME = "films/queries"
SECRETS = {
    "a Hugging Face token": "hf_" + "aB3" * 12,
    "a GitHub token": "ghp_" + "a1" * 18,
    "a GitLab token": "glpat-" + "a1" * 10,
    "an OpenAI or Anthropic key": "sk-" + "proj-" + "aB1" * 14,
    "an AWS key": "AKIA" + "ABCD" * 4,
    "a Google key": "AIza" + "a1b2c" * 7,
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----",
}


@pytest.fixture
def folder(dataset_folder, tmp_path):
    """A copy of a finished dataset, for something to be planted in."""
    shutil.copytree(dataset_folder, tmp_path / "queries")
    return tmp_path / "queries"


def refusal(folder, kind="dataset", **options):
    with pytest.raises(HubError, match="is not fit to be published") as caught:
        prepare_release(kind, folder, NAME, **options)
    return str(caught.value)


def test_a_clean_folder_is_fit(folder):
    release = prepare_release("dataset", folder, NAME)
    assert list(release.files) == sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("what", SECRETS)
def test_a_secret_in_a_text_is_refused_and_not_repeated(folder, what):
    (folder / "notes.txt").write_text(f"before\nkey = {SECRETS[what]}\n")
    message = refusal(folder)
    assert f"notes.txt: holds {what}" in message
    assert SECRETS[what] not in message


@pytest.mark.parametrize("slug", ["ask-the-", "sk-"])
def test_a_slug_is_no_key(folder, slug):
    (folder / "notes.txt").write_text(f"urn:moviequery:movie:{slug}{'long-title-' * 5}2007")
    prepare_release("dataset", folder, NAME)


def test_the_token_in_use_is_found_whatever_its_form(folder, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "correct-horse-battery")
    (folder / "notes.txt").write_text("correct-horse-battery")
    assert "notes.txt: holds the token that is in use here" in refusal(folder)


def test_a_secret_in_a_compressed_column_is_found(folder):
    note = "any film about a bank? " * 20 + SECRETS["an AWS key"]
    table = pa.table({"text": ["a film"] * 50, "meta": [{"note": [note]}] * 50})
    path = folder / "data" / "test-00000-of-00001.parquet"
    pq.write_table(table, path, compression="gzip", write_statistics=False)
    assert SECRETS["an AWS key"].encode() not in path.read_bytes()
    assert "data/test-00000-of-00001.parquet: holds an AWS key" in refusal(folder)


def test_a_secret_across_two_pieces_of_a_large_file_is_found(tmp_path):
    path = tmp_path / "large.txt"
    path.write_bytes(b"." * (2**20 - 10) + SECRETS["a GitHub token"].encode() + b"." * 99)
    assert find_faults("large.txt", path, tmp_path, None) == ["large.txt: holds a GitHub token"]


@pytest.mark.parametrize(
    "path",
    ["/home/ann/films.csv", "/root/.cache/x", "/Users/ann/x", "/tmp/tiny", "/mnt/disk/base"]
    + ["C:\\Users\\ann\\x", "file:///srv/x"],
)
def test_a_local_path_is_refused(folder, path):
    (folder / "config.json").write_text(json.dumps({"base_model_name_or_path": path}))
    message = refusal(folder)
    assert "config.json: holds the local path" in message


def test_the_folder_s_own_path_is_refused_wherever_it_is(folder):
    (folder / "notes.txt").write_text(f"built in {folder.parent / 'queries'}/data")
    assert f"notes.txt: holds the local path {folder}/" in refusal(folder)


@pytest.mark.parametrize(
    "text", ["https://example.org/home/ann", "either/home/or", "s3://bucket/tmp/x", "a /home page"]
)
def test_addresses_and_words_are_no_local_paths(folder, text):
    (folder / "notes.txt").write_text(text)
    prepare_release("dataset", folder, NAME)


def test_bytes_of_weights_that_look_like_a_path_by_chance_are_none(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(rb"T:\_NXQDcUXPYNb\RYD and file://x and either/tmp/or")
    assert find_faults("model.onnx", path, tmp_path, None) == []
    path.write_bytes(b"\x00doc /home/ann/model.py")
    (fault,) = find_faults("model.onnx", path, tmp_path, None)
    assert fault == "model.onnx: holds the local path /home/ann"


def test_hidden_files_and_links_and_unknown_kinds_are_refused_by_name(folder, tmp_path):
    (folder / ".env").write_text("A=1")
    (folder / "data" / ".netrc").write_text("machine x")
    (folder / "training_args.bin").write_bytes(b"x")
    (folder / "load.py").write_text("print()")
    (tmp_path / "elsewhere.txt").write_text("x")
    (folder / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    message = refusal(folder)
    for line in (".env: is hidden", "data/.netrc: is hidden", "link.txt: is a link"):
        assert line in message
    for name in ("training_args.bin", "load.py"):
        assert f"{name}: is not a kind of file that belongs to a dataset" in message


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_is_refused_under_any_name(folder, protocol):
    value = {"weights": [1.5, 2.5], "name": "a"}
    (folder / "extra.txt").write_bytes(pickle.dumps(value, protocol))
    assert "extra.txt: is a pickle" in refusal(folder)


def test_an_archive_is_refused_under_any_name(folder):
    with zipfile.ZipFile(folder / "model.json", "w") as archive:
        archive.writestr("data.pkl", "x")
    (folder / "b.txt").write_bytes(gzip.compress(b"x"))
    message = refusal(folder)
    assert "model.json: is an archive" in message
    assert "b.txt: is an archive" in message


def test_weights_must_be_whole_safetensors(tmp_path):
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    good = struct.pack("<Q", len(header)) + header + b"\0" * 8
    path = tmp_path / "model.safetensors"
    for data, faults in ((good, 0), (good[:-1], 1), (good + b"more", 1), (b"PK\x03\x04", 1)):
        path.write_bytes(data)
        assert len(find_faults("model.safetensors", path, tmp_path, None)) == faults, data


def test_a_file_that_changed_since_it_was_built_is_refused(folder):
    with (folder / "queries.jsonl").open("a") as file:
        file.write("{}\n")
    assert "queries.jsonl: has changed since it was written" in refusal(folder)


def change_header(folder, change):
    path = folder / "README.md"
    _, header, text = path.read_text().split("---\n", 2)
    values = yaml.safe_load(header)
    change(values)
    path.write_text(f"---\n{yaml.safe_dump(values)}---\n{text}")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda card: card.pop("license"), "has no 'license'"),
        (lambda card: card.pop("configs"), "has no 'configs'"),
        (lambda card: card["tags"].remove("moviequery"), "has no tag 'moviequery'"),
        (lambda card: card.update(size_categories=["1M<n<10M"]), "60 rows are"),
        (lambda card: card["moviequery"].update(rows=61), "says 61 rows in all"),
        (
            lambda card: card["dataset_info"][0]["splits"][0].update(num_examples=7),
            "'train': 7",
        ),
        (lambda card: card["dataset_info"][1].update(download_size=7), "says 7 bytes for 'intent'"),
        (
            lambda card: card["configs"][0]["data_files"][0].update(path="data/none-*.parquet"),
            "there is no such file",
        ),
    ],
)
def test_a_card_must_say_what_the_files_hold(folder, change, fault):
    change_header(folder, change)
    assert fault in refusal(folder)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# no metadata", "does not begin with metadata"),
        ("---\na: [\n---\n", "are no YAML"),
        ("---\n- a\n---\n", "no YAML mapping"),
    ],
)
def test_a_card_needs_metadata(folder, text, fault):
    (folder / "README.md").write_text(text)
    assert fault in refusal(folder)


def test_a_card_must_be_filled_and_whole(folder):
    path = folder / "README.md"
    text = path.read_text().replace("## Citation", "## Other")
    path.write_text(f"{text}\n[More Information Needed] and $seed\n")
    message = refusal(folder)
    assert "has an unfilled place: [More Information Needed]" in message
    assert "has an unfilled place: $seed" in message
    assert "has no section 'Citation'" in message


def test_a_dataset_needs_a_card_and_rows(tmp_path):
    with pytest.raises(HubError, match="there is no such folder"):
        prepare_release("dataset", tmp_path / "none", NAME)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"x")
    with pytest.raises(HubError, match="nothing in it"):
        prepare_release("dataset", tmp_path, NAME)
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(HubError, match=r"there is no card; write a README.md"):
        prepare_release("dataset", tmp_path, NAME)
    with pytest.raises(HubError, match="there is no such card"):
        prepare_release("dataset", tmp_path, NAME, card=tmp_path / "none.md")


@pytest.mark.parametrize("name", ["queries", "a/b/c", "a/..", "-a/b", "a/b--c", "a b/c", ""])
def test_names_of_repositories(name):
    with pytest.raises(HubError, match="is no name of a repository"):
        check_name(name)


def test_the_command_sends_nothing_that_is_refused(hub, folder, tmp_path):
    (folder / ".env").write_text(f"HF_TOKEN={TOKEN}")
    (folder / "notes.txt").write_text(f"{TOKEN} in {folder}")
    (folder / "weights.txt").write_bytes(pickle.dumps([1]))
    command = [sys.executable, "-m", "moviequery", "publish", "dataset", str(folder), NAME]
    result = subprocess.run(
        command, env=client_env(hub, tmp_path / "hf"), capture_output=True, text=True
    )
    assert result.returncode == 2
    for name in (".env", "notes.txt", "weights.txt"):
        assert f"{name}: " in result.stderr
    assert TOKEN not in result.stdout + result.stderr
    assert result.stderr.count("\n") == 1
    assert not hub.log
