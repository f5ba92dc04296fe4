"""A Hub to publish to, and folders that are fit to be published."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub_server import Account, HubServer
from small_builder import SmallBuilder

from moviequery.corpus.dataset import write_dataset
from moviequery.knowledge.sources import find_source

ROOT = Path(__file__).parents[1]
# of the form that the Hub's have, so that a leak of them would be seen
TOKEN, READER = "hf_" + "w" * 34, "hf_" + "r" * 34


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A running Hub where ann may write to `ann` and `films`; in-process clients may reach it."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    accounts = {TOKEN: Account("ann", ("ann", "films")), READER: Account("bob")}
    with HubServer(tmp_path / "hub", accounts) as server:
        yield server


@pytest.fixture(scope="session")
def dataset_folder(tmp_path_factory):
    """A finished dataset of 60 rows."""
    folder = tmp_path_factory.mktemp("finished") / "queries"
    write_dataset(SmallBuilder(), folder, 60, sources=[find_source("wikidata")])
    return folder


def client_env(hub, home, **more):
    """Return the environment of a process whose Hub is ours."""
    return {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "0",
        "HF_DATASETS_OFFLINE": "0",
        "TRANSFORMERS_OFFLINE": "0",
        "HF_EVALUATE_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "OMP_NUM_THREADS": "1",
        **more,
    }


def start_publisher(hub, home, *arguments):
    """Return the running command `moviequery publish`."""
    command = [sys.executable, "-m", "moviequery", "publish", *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=home,
        env=client_env(hub, home / "hf"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_consumer(hub, home, code):
    """Return what a fresh process prints that cannot import moviequery."""
    blocked = f"import sys\nsys.modules['moviequery'] = None\n{code}"
    result = subprocess.run(
        [sys.executable, "-I", "-c", blocked],
        cwd=home,
        env=client_env(hub, home / "hf"),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
