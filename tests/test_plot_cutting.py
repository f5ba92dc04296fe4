"""Plots out of overviews: what is cut, what is left out, and where the facts end up."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviequery import MovieGraph, read_catalogue
from moviequery.cli import main
from moviequery.knowledge.normalisation import fold
from moviequery.knowledge.plot_cutting import MOST_PLOTS, add_plots, cut_plots
from moviequery.schema import EntityType, Movie
from moviequery.synthesis.phrases import is_sentence

SHARED = Path(__file__).parents[2] / "shared" / "data" / "catalogues"

CUTS = {
    "A baker from Oslo inherits a lighthouse; soon strange lights appear.": [
        "a baker from Oslo inherits a lighthouse"
    ],
    "Haunted by a lost match, a chess player (Jo Poe) bets her house on one game.": [
        "a chess player bets her house on one game"
    ],
    "When two rival florists share a stall, their shop turns into a battlefield.": [
        "two rival florists share a stall"
    ],
    "Mira Vale is a night nurse who hears the thoughts of her patients, and it hurts.": [
        "a night nurse who hears the thoughts of her patients"
    ],
    "The story follows a beekeeper who smuggles honey over a closed border.": [
        "a beekeeper who smuggles honey over a closed border"
    ],
    "A clockmaker, ruined by a fire, builds a mechanical bird. A thief steals the bird.": [
        "a clockmaker builds a mechanical bird",
        "a thief steals the bird",
    ],
    "A painter named Ada Frost finds a door behind her canvas - and opens it.": [
        "a painter finds a door behind her canvas"
    ],
    "A judge hides her sister’s diary.": ["a judge hides her sister's diary"],
    "A patient gardener plants a rose for every day that his wife spends in the far hospital.": [],
    "A quiet widow learns to fly a small yellow plane while her sons sell the farm at auction.": [
        "a quiet widow learns to fly a small yellow plane"
    ],
}
LEFT_OUT = [
    "",
    "A hilarious romp that viewers of all ages will love.",
    'A man hears a voice that says "run" every night.',
    "Harry Poe loses his job and finds a dog.",
    "A GREAT WAR ends in a small village.",
    "A diver finds 12 crates of gold.",
    "A boy meets a tall, dark stranger.",
    "A tired judge decides.",
    "A waiter falls for Marlene Vale.",
    "A singer who hates fame meets a monk.",
    "A documentary about bees in a city.",
    "Bees.",
]


@pytest.mark.parametrize("overview", CUTS)
def test_what_is_cut(overview):
    assert list(cut_plots(overview)) == CUTS[overview]


@pytest.mark.parametrize("overview", LEFT_OUT)
def test_what_is_in_doubt_is_left_out(overview):
    assert cut_plots(overview) == ()


def test_a_plot_that_names_the_film_gives_it_away():
    overview = "A weary sailor finds the Golden Gull in a storm."
    assert cut_plots(overview.lower().replace("a weary", "A weary")) != ()
    assert cut_plots(overview.lower().replace("a weary", "A weary"), "The Golden Gull") == ()


def test_two_at_most_and_each_once():
    sentence = "A miner finds a singing stone. "
    more = "A cook opens a bar. A monk leaves his cell."
    assert cut_plots(sentence * 2) == ("a miner finds a singing stone",)
    assert len(cut_plots(sentence + more)) == MOST_PLOTS


@given(st.lists(st.sampled_from(" ".join([*CUTS, *LEFT_OUT]).split()), max_size=60).map(" ".join))
def test_whatever_the_words_a_cut_keeps_its_promises(overview):
    for plot in cut_plots(overview):
        assert 4 <= len(plot.split()) <= 14
        assert plot[0].islower() or plot[0].isdigit()
        assert not re.search(r'[(),;:"]$|["()]', plot)


@given(st.text(max_size=200))
def test_no_text_is_too_odd(overview):
    assert len(cut_plots(overview, overview[:5])) <= MOST_PLOTS


def test_the_grammar_takes_clauses_for_clauses():
    cuts = [plot for plots in CUTS.values() for plot in plots]
    assert [is_sentence(plot) for plot in cuts] == [" who " not in plot for plot in cuts]


def write_films(folder):
    path = folder / "mine.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["title", "year", "description"])
        rows.writerow(["Night Bread", "1999", "A shy baker inherits a lighthouse."])
        rows.writerow(["Day Bread", "2001", "Nothing is known of it."])
    return path


def test_plots_of_a_table_are_facts_of_its_source(tmp_path):
    path = write_films(tmp_path)
    catalogue = read_catalogue(path)
    assert "1 tell a plot" in catalogue.summary()
    graph = MovieGraph.from_movies(catalogue)
    film = graph.index.film("urn:moviequery:movie:night-bread-1999")
    (plot,) = film.facts[EntityType.PLOT]
    assert graph.index.nodes[plot].label == "a shy baker inherits a lighthouse"
    stated = graph.sparql("SELECT ?g WHERE { GRAPH ?g { ?film term:plot ?plot } }", {"plot": plot})
    assert stated == [{"g": "urn:moviequery:source:mine"}]
    graph.write(tmp_path / "films.nq")
    assert MovieGraph.read(tmp_path / "films.nq").fingerprint == graph.fingerprint


def test_plots_can_be_left_alone(tmp_path, capsys):
    path = write_films(tmp_path)
    assert not any(movie.plots for movie in read_catalogue(path, plots_from_overview=False))
    counts = []
    for more in ([], ["--no-cut-plots"]):
        assert main(["graph", str(path), "--json", *more]) == 0
        counts.append(capsys.readouterr().out)
    assert '"plot":1' in counts[0]
    assert '"plot"' not in counts[1]


def test_plots_of_its_own_stay():
    movie = Movie("Night Bread", overview="A shy baker inherits a lighthouse.", plots=("a fire",))
    assert add_plots(movie) == movie


def test_the_bundled_catalogue_holds_no_overviews():
    assert not any(movie.overview for movie in MovieGraph.bundled().movies())


@pytest.mark.skipif(not SHARED.is_dir(), reason="the tables are not here")
def test_real_tables_give_plots():
    catalogue = read_catalogue(SHARED / "netflix_titles.csv", kinds=("movie",))
    cuts = [(movie.title, plot) for movie in catalogue for plot in movie.plots]
    assert len(cuts) > len(catalogue) / 8
    assert all(4 <= len(plot.split()) <= 14 for _, plot in cuts)
    assert not any(f" {fold(title)} " in f" {fold(plot)} " for title, plot in cuts)
    clauses = [plot for _, plot in cuts if " who " not in plot and " whose " not in plot]
    assert sum(map(is_sentence, clauses)) > 0.98 * len(clauses)
