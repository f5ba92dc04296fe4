"""Publishing against a Hub on this machine: one commit, or none; faults, kills and refusals."""

from __future__ import annotations

import shutil
import socket
import threading

import pytest
from hub_fixtures import READER, TOKEN, dataset_folder, hub, start_publisher

from moviequery import hub as publishing
from moviequery.errors import HubError
from moviequery.hub import publish
from moviequery.hub_preparation import prepare_release

__all__ = ["dataset_folder", "hub"]  # fixtures
NAME = "films/queries"


@pytest.fixture
def release(dataset_folder):
    return prepare_release("dataset", dataset_folder, NAME)


def stored(hub, revision="main"):
    """Return the bytes of every file of the published dataset, without what the Hub adds."""
    repo = hub.store.find("dataset", NAME)
    if repo is None:
        return {}
    files = repo.load(revision)["files"]
    return {
        path: hub.store.get(entry["sha256"])
        for path, entry in files.items()
        if path != ".gitattributes"
    }


def contents(release):
    return {
        name: source if isinstance(source, bytes) else source.read_bytes()
        for name, source in release.files.items()
    }


def titles(hub, revision="main"):
    commits = hub.store.find("dataset", NAME).list_commits(revision)
    return [commit["title"] for commit in commits][:-1]


def tags(hub):
    return hub.store.find("dataset", NAME).refs["tags"]


def test_a_release_is_one_commit_with_version_and_fingerprint(hub, release):
    published = publish(release, endpoint=hub.url)
    assert published.is_new
    assert stored(hub) == contents(release)
    assert titles(hub) == ["moviequery dataset 0.1.0, fingerprint small-7-3"]
    assert published.tag == "v0.1.0-small73-60"
    assert tags(hub) == {published.tag: published.commit}
    assert published.url == f"{hub.url}/datasets/{NAME}"


def test_the_same_content_makes_no_commit(hub, release):
    first = publish(release, endpoint=hub.url)
    hub.log.clear()
    second = publish(release, endpoint=hub.url)
    assert not second.is_new
    assert (second.commit, second.tag) == (first.commit, first.tag)
    assert not [line for line in hub.log if line.startswith(("POST", "PUT"))]


def test_other_content_replaces_all_and_leaves_the_old_release_alone(
    hub, release, dataset_folder, tmp_path
):
    first = publish(release, endpoint=hub.url)
    folder = tmp_path / "queries"
    shutil.copytree(dataset_folder, folder)
    (folder / "queries.jsonl").unlink()
    (folder / "SHA256SUMS").unlink()
    changed = prepare_release("dataset", folder, NAME)
    second = publish(changed, endpoint=hub.url)
    assert (second.sent, second.removed) == ((), ("SHA256SUMS", "queries.jsonl"))
    assert stored(hub) == contents(changed)
    assert second.tag == f"{first.tag}-r2"
    assert stored(hub, first.tag) == contents(release)
    assert publish(changed, endpoint=hub.url).tag == second.tag


def test_a_private_release_on_a_branch(hub, release):
    publish(release, private=True, revision="next", tag=False, endpoint=hub.url)
    assert stored(hub) == {}
    assert stored(hub, "next") == contents(release)
    assert hub.store.find("dataset", NAME).private
    assert tags(hub) == {}


@pytest.mark.parametrize(
    "fault",
    [
        lambda hub: hub.fail("POST", "/commit/", 500, times=2),
        lambda hub: hub.fail("GET", "whoami", 429, Retry_After="1"),
        lambda hub: hub.fail("POST", "/repos/create", 503),
        lambda hub: hub.fail("POST", "/commit/", 412),
        lambda hub: hub.fail("POST", "/tag/", 500),
        lambda hub: hub.cut("PUT", "/lfs/", after=1_000),
        lambda hub: hub.cut("POST", "/commit/"),
        lambda hub: hub.cut("POST", "/commit/", late=True),
        lambda hub: hub.cut("POST", "/repos/create", late=True),
        lambda hub: hub.cut("POST", "/tag/", late=True),
    ],
    ids=[
        "500-twice",
        "429",
        "503",
        "412",
        "tag-500",
        "upload",
        "cut",
        "lost-commit",
        "lost-create",
        "lost-tag",
    ],
)
def test_passing_faults_pass(hub, release, fault):
    fault(hub)
    published = publish(release, endpoint=hub.url)
    assert all(each.times == 0 for each in hub.faults)
    assert stored(hub) == contents(release)
    assert len(titles(hub)) == 1
    assert tags(hub) == {published.tag: titles_head(hub)}


def titles_head(hub):
    return hub.store.find("dataset", NAME).resolve("main")


def test_a_retry_waits_as_long_as_the_hub_asks(hub, release, caplog):
    hub.fail("POST", "/repos/create", 429, Retry_After="1")
    publish(release, endpoint=hub.url)
    assert "again in 1 s" in caplog.text


def test_a_fault_that_stays_leaves_nothing_and_the_next_run_goes_on(hub, release, monkeypatch):
    monkeypatch.setattr(publishing, "TRIES", 2)
    hub.fail("POST", "/commit/", 500, times=2)
    with pytest.raises(HubError, match="still answers 500 after"):
        publish(release, endpoint=hub.url)
    assert stored(hub) == {}
    uploaded = hub.received
    assert uploaded > 0
    publish(release, endpoint=hub.url)
    assert hub.received == uploaded
    assert stored(hub) == contents(release)


def test_two_publishers_at_once_make_one_release(hub, release):
    done = []
    threads = [
        threading.Thread(target=lambda: done.append(publish(release, endpoint=hub.url)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 2
    assert len(titles(hub)) == 1
    assert len(tags(hub)) == 1
    assert stored(hub) == contents(release)


def test_no_token(hub, release, monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(HubError, match="no token: run `hf auth login`, or set HF_TOKEN"):
        publish(release, endpoint=hub.url)
    assert not hub.log


def test_a_token_that_is_not_accepted(hub, release, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_" + "x" * 34)
    with pytest.raises(HubError, match="does not accept the token.*401") as caught:
        publish(release, endpoint=hub.url)
    assert "x" * 34 not in str(caught.value)


def test_no_right_to_write(hub, release, dataset_folder, monkeypatch):
    other = prepare_release("dataset", dataset_folder, "others/queries")
    with pytest.raises(HubError, match="no right to write to others/queries.*ann, films"):
        publish(other, endpoint=hub.url)
    publish(release, endpoint=hub.url)
    monkeypatch.setenv("HF_TOKEN", READER)
    publish(release, endpoint=hub.url)  # nothing to send, so nothing to refuse
    hub.store.find("dataset", NAME)
    changed = prepare_release("dataset", dataset_folder, NAME)
    object.__setattr__(changed, "files", {**changed.files, "LICENSE": b"CC BY 4.0"})
    with pytest.raises(HubError, match="no right to write to films/queries.*403"):
        publish(changed, endpoint=hub.url)


def test_the_name_is_taken_by_something_else(hub, release):
    repo = hub.store.create("dataset", NAME, False, None)
    repo.commit(
        "main",
        [
            {"key": "header", "value": {"summary": "mine", "description": ""}},
            {"key": "file", "value": {"path": "mine.txt", "content": "bWluZQ=="}},
        ],
    )
    with pytest.raises(HubError, match="the name is taken: films/queries holds a dataset"):
        publish(release, endpoint=hub.url)
    assert stored(hub) == {"mine.txt": b"mine"}


def test_the_name_is_taken_by_what_cannot_be_seen(hub, release):
    hub.fail("POST", "/repos/create", 409)
    with pytest.raises(HubError, match="the name is taken.*cannot see"):
        publish(release, endpoint=hub.url)


def test_an_empty_repository_made_by_hand_is_not_taken(hub, release):
    hub.store.create("dataset", NAME, True, None)
    publish(release, endpoint=hub.url)
    assert stored(hub) == contents(release)


def test_offline_by_setting_and_by_network(hub, release, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(publishing, "TRIES", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(HubError, match=f"the Hub at {url} cannot be reached"):
        publish(release, endpoint=url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        publish(release, endpoint=hub.url)


def test_a_card_that_the_hub_refuses(hub, release):
    text = release.card.replace("task_ids:\n- named-entity-recognition\n", "task_ids: ner\nx:\n")
    object.__setattr__(release, "files", {**release.files, "README.md": text.encode()})
    with pytest.raises(HubError, match="'task_ids' must be a list"):
        publish(release, endpoint=hub.url)
    assert stored(hub) == {}


@pytest.mark.parametrize("call", ["PUT /lfs/", "POST /commit/", "POST /tag/"])
def test_a_killed_publisher_leaves_all_or_nothing(hub, release, dataset_folder, tmp_path, call):
    method, path = call.split()
    last = release.sums["data/train-00000-of-00001.parquet"]
    event = hub.hold(method, path + (last if method == "PUT" else ""), after=100)
    process = start_publisher(hub, tmp_path, "dataset", dataset_folder, NAME)
    assert event.wait(60)
    process.kill()
    process.wait()
    assert stored(hub) == (contents(release) if path == "/tag/" else {})
    uploaded = hub.received
    hub.log.clear()
    process = start_publisher(hub, tmp_path, "dataset", dataset_folder, NAME)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert stored(hub) == contents(release)
    assert len(titles(hub)) == 1
    assert list(tags(hub)) == [release.tag]
    if path != "/lfs/":
        assert hub.received == uploaded
    assert TOKEN not in out + err
