"""The app of the Space: what it shows for a query, and that its folder is fit to be published."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys

import pytest
import yaml
from hub_fixtures import ROOT, hub, run_consumer
from toy_parser import save_toy_parser

from moviequery import Movie, MovieGraph, QueryParser
from moviequery.hub import publish
from moviequery.hub_preparation import prepare_release
from moviequery.recommendation.recommender import Recommender

__all__ = ["hub"]  # a fixture
SPACE = ROOT / "space"


@pytest.fixture(scope="module")
def app():
    spec = importlib.util.spec_from_file_location("space_app", SPACE / "app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A parser that knows a few words, and a recommender of three films."""
    folder = save_toy_parser(tmp_path_factory.mktemp("parser") / "toy")
    films = [
        Movie("Heat", 1995, genres=("Heist",), directors=("Michael Mann",)),
        Movie("Inside Man", 2006, genres=("Heist",)),
        Movie("Up", 2009, genres=("Animation",)),
    ]
    return QueryParser.from_pretrained(folder), Recommender(MovieGraph.from_movies(films), None)


def test_a_query_gets_intent_marks_and_films_with_reasons(app, parts):
    intent, marked, notes, films = app.answer("  heist films like heat ", *parts)
    assert intent.startswith("**rec**: asks for films to watch, 79% sure")
    text = marked["text"]
    assert [(one["entity"], text[one["start"] : one["end"]]) for one in marked["entities"]] == [
        ("genre", "heist"),
        ("title", "heat"),
    ]
    assert len(films[0]) == len(app.COLUMNS)
    title, year, score, why = films[0]
    assert (title, year, "genre heist" in why) == ("Inside Man", 2006, True)
    assert 0 < score <= 1
    assert "Heat" not in [row[0] for row in films]  # the one that was named
    assert not notes


def test_what_is_not_wanted_says_so(app, parts):
    _, marked, _, _ = app.answer("funny films", *parts)
    assert [one["entity"] for one in marked["entities"]] == ["not mood"]


def test_a_question_gets_an_answer(app, parts):
    intent, _, notes, films = app.answer("who directed heat", *parts)
    assert intent.startswith("**non_rec**")
    assert "Michael Mann" in notes or films


def test_nothing_typed_needs_no_parser(app):
    assert app.ask("  \n") == ("Type a query.", None, "", [])


def test_long_texts_are_cut(app, parts):
    _, marked, _, _ = app.answer("heist films " * 200, *parts)
    assert len(marked["text"]) <= app.LONGEST


def test_the_folder_is_published_and_comes_back(hub, tmp_path):
    release = prepare_release("space", SPACE, "films/search")
    publish(release, endpoint=hub.url)
    code = """
import hashlib, json, pathlib
from huggingface_hub import HfApi, snapshot_download
folder = pathlib.Path(snapshot_download("films/search", repo_type="space"))
sums = {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*") if p.is_file() and p.name != ".gitattributes"}
print(json.dumps([sums, HfApi().space_info("films/search").sdk]))
"""
    sums, sdk = json.loads(run_consumer(hub, tmp_path, code).splitlines()[-1])
    assert sums == release.sums
    assert sdk == "gradio"


def test_the_requirements_are_those_of_the_extra():
    header = yaml.safe_load((SPACE / "README.md").read_text().split("---\n")[1])
    project = (ROOT / "pyproject.toml").read_text()
    major = header["sdk_version"].split(".")[0]
    assert f'space = ["gradio>={major}' in project
    assert len(header["short_description"]) <= 60


def test_the_page_is_made(app):
    pytest.importorskip("gradio")
    page = app.make_app()
    assert page.title == app.TITLE


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium is installed")
def test_in_a_browser(tmp_path):
    """A person types a query, and sees entities and films."""
    pytest.importorskip("gradio")
    playwright = pytest.importorskip("playwright.sync_api")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    settings |= {"PYTHONUNBUFFERED": "1", "MOVIEQUERY_ENCODER": "lexical"}
    settings["MOVIEQUERY_MODEL"] = str(save_toy_parser(tmp_path / "toy"))
    process = subprocess.Popen(
        [sys.executable, SPACE / "app.py"], env={**os.environ, **settings}, stdout=subprocess.PIPE
    )
    try:
        assert b"Running on" in next(line for line in process.stdout if line.strip())
        with playwright.sync_playwright() as player:
            browser = player.chromium.launch(executable_path=shutil.which("chromium"))
            page = browser.new_page()
            page.set_default_timeout(120_000)
            # fonts from elsewhere may never come
            page.goto(f"http://127.0.0.1:{port}/", wait_until="domcontentloaded")
            box = page.get_by_label("query").first
            box.fill("heist films like heat")
            box.press("Enter")
            page.get_by_text("asks for films to watch").wait_for()
            page.get_by_text("genre crime").first.wait_for()
            shown = page.inner_text("body")
            browser.close()
    finally:
        process.terminate()
        process.wait()
    assert "GENRE" in shown
    assert "TITLE" in shown
