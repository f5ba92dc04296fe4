"""Rewriting against a real server: `transformers serve` with a tiny untrained Llama on loopback.

Such a model writes rubbish, so what is seen is the protocol, and that rubbish costs no row.
"""

import json
import os
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from small_builder import SmallBuilder
from small_graph import MOVIES

from moviequery import MovieGraph
from moviequery.cli import main
from moviequery.corpus.dataset import read_queries, write_dataset

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tiny_llama, tmp_path_factory):
    """The address of a running server of the tiny model."""
    for module in ("fastapi", "uvicorn", "openai"):
        pytest.importorskip(module)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("served") / "log").open("w+")
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", tiny_llama]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    process = subprocess.Popen(
        command, stdout=log, stderr=log, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    try:
        deadline = time.monotonic() + 300
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
                break
            except (URLError, OSError):
                log.seek(0)
                assert process.poll() is None, log.read()
                assert time.monotonic() < deadline, log.read()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()
        log.close()


def test_rubbish_of_a_real_server_costs_no_row(served, tiny_llama, tmp_path, monkeypatch, capsys):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    write_dataset(SmallBuilder(), tmp_path / "queries", 6)
    MovieGraph.from_movies(MOVIES).write(tmp_path / "films.nq")
    arguments = [str(tmp_path / "queries"), "--out", str(tmp_path / "out")]
    arguments += ["--base-url", served, "--model", tiny_llama, "--max-tokens", "8", "--json"]
    arguments += ["--graph", str(tmp_path / "films.nq"), "--attempts", "2", "--concurrency", "2"]
    assert main(["rewrite", *arguments]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["kept"] + sum(report["refused"].values()) == 6
    assert report["refused"]["no JSON"] == 6
    # the server counts tokens itself: eight at most for each reply
    assert report["usage"]["requests"] == 12 and not report["usage"]["failed"]
    assert 12 <= report["usage"]["completion_tokens"] <= 12 * 8
    assert report["usage"]["prompt_tokens"] > 12 * 500
    old, new = (read_queries(tmp_path / name) for name in ("queries", "out"))
    assert new == old
