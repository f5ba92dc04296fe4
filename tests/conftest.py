"""Settings for every test: no network, no model hub."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a slow machine is no failure: laws have no deadline, nor does the drawing of their examples
settings.register_profile("moviequery", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("moviequery")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
if "PYTEST_XDIST_WORKER" in os.environ:
    # each of several processes keeps to one core
    os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def bundled_graph():
    """The bundled catalogue as a graph; one for all tests, so nothing may add to it."""
    from moviequery import MovieGraph

    return MovieGraph.bundled()


@pytest.fixture(scope="session")
def concepts(tmp_path_factory):
    """The small vocabulary of `small_graph`."""
    from small_graph import read_vocabulary

    return read_vocabulary(tmp_path_factory.mktemp("vocabulary"))


@pytest.fixture(params=("oxigraph", "memory"))
def graph(request, concepts):
    """The films of `small_graph`, in each store; a test may change it."""
    from small_graph import MOVIES

    from moviequery import MovieGraph

    return MovieGraph.from_movies(MOVIES, concepts, store=request.param)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes text or bytes to a file and returns its path."""

    def write_file(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory):
    """A folder with an untrained Llama of two layers and its tokenizer."""
    from tiny_llama import save_tiny_llama

    from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT

    return save_tiny_llama(tmp_path_factory.mktemp("tiny"), [ENTITY_PROMPT, INTENT_PROMPT])
