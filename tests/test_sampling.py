"""Drawing films and facts: only from the pool, only what they hold, nothing worn out."""

from collections import Counter
from random import Random

from catalogue_fixtures import small_graph
from hypothesis import given
from hypothesis import strategies as st

from moviequery.knowledge.graph import MovieGraph
from moviequery.knowledge.vocabulary import mint
from moviequery.schema import Movie, Role
from moviequery.synthesis.sampling import FactSampler, hash_share
from moviequery.synthesis.template import parse_slot

INDEX = small_graph().index
SLOTS = [parse_slot(text) for text in ("genre", "director", "actor", "year:decade", "theme")]


@given(st.integers(0), st.lists(st.sampled_from(SLOTS), max_size=4))
def test_a_drawn_film_holds_what_was_asked(seed, slots):
    sampler = FactSampler(INDEX, range(len(INDEX.films)))
    drawn = sampler.draw_film(slots, Random(seed))
    if drawn is None:
        return
    position, values = drawn
    assert set(values) == set(range(len(slots)))
    for number, slot in enumerate(slots):
        assert INDEX.holds(INDEX.films[position], slot.type, values[number])
    pairs = [(slot.type, values[number]) for number, slot in enumerate(slots)]
    assert len(set(pairs)) == len(pairs)


@given(st.integers(0))
def test_excluded_titles_are_left_out_with_their_remakes(seed):
    kongs = [n for n, film in enumerate(INDEX.films) if film.title == "King Kong"]
    assert len(kongs) == 2
    sampler = FactSampler(INDEX, [*kongs, 0])
    drawn = sampler.draw_film([], Random(seed), exclude=kongs[:1])
    assert drawn == (0, {})


@given(st.integers(0))
def test_an_unheld_value_is_not_held(seed):
    sampler = FactSampler(INDEX, range(len(INDEX.films)))
    film = INDEX.films[seed % len(INDEX.films)]
    for slot in SLOTS[:2]:
        value = sampler.draw_unheld(slot, film, Random(seed))
        assert value is not None and not INDEX.holds(film, slot.type, value)
    decade = sampler.draw_unheld(SLOTS[3], film, Random(seed))
    assert int(decade) // 10 != film.year // 10


@given(st.integers(0), st.permutations(["plot:role", "actor:lead", "actor:lead", "plot:role"]))
def test_the_parts_of_a_credit_stay_together(seed, texts):
    heist = Movie(
        "Heist",
        2001,
        cast=(
            Role("Ann", "Kay", "a safe breaker"),
            Role("Ben", None, "a tired cop"),
            Role("Cid", "Joe", "a getaway driver"),
            Role("Dot", "Sam"),
            Role("Eve"),
        ),
    )
    sampler = FactSampler(MovieGraph.from_movies([heist]).index, [0])
    slots = [parse_slot(text) for text in (*texts, "character:lead", "actor")]
    _, values = sampler.draw_film(slots, Random(seed))
    parts = {role.actor: role for role in heist.cast}
    actors = [values[n] for n, slot in enumerate(slots) if slot.type == "actor"]
    plots = [values[n] for n, slot in enumerate(slots) if slot.type == "plot"]
    assert len(set(actors)) == 3
    for actor, plot in zip(actors, plots, strict=False):
        role = parts[actor.rpartition(":")[2].title()]
        assert plot == mint("plot", role.description)
    assert values[4] == mint("character", parts[actors[0].rpartition(":")[2].title()].character)


def test_the_halves_of_a_part_are_of_one_credit():
    cast = (Role("Ann", "Kay", "a diver who finds gold"), Role("Ben", "Bo", "a tired cop"))
    sampler = FactSampler(MovieGraph.from_movies([Movie("Sea", 2001, cast=cast)]).index, [0])
    slots = [parse_slot(text) for text in ("character:lead", "plot:figure", "plot:deed")]
    part = mint("plot", "a diver who finds gold")
    for seed in range(20):
        _, values = sampler.draw_film(slots, Random(seed))
        assert values == {0: mint("character", "Kay"), 1: part, 2: part}


def test_too_few_credits_give_nothing():
    film = Movie("Alone", 2001, cast=(Role("Ann", "Kay", "a diver"), Role("Ben", "Bo")))
    sampler = FactSampler(MovieGraph.from_movies([film]).index, [0])
    assert sampler.draw_film([parse_slot("plot:role")] * 2, Random(0)) is None
    assert sampler.draw_film([parse_slot("actor:lead")] * 3, Random(0)) is None


def test_an_empty_pool_gives_nothing():
    sampler = FactSampler(INDEX, [])
    assert sampler.draw_film([], Random(0)) is None
    assert sampler.draw_unheld(SLOTS[0], None, Random(0)) is None
    assert sampler.coverage(SLOTS[0]) == 0.0


def test_common_values_are_held_back_and_rare_ones_not_worn_out():
    movies = [Movie(f"Kites {n}", 1990, countries=("France",)) for n in range(81)]
    movies += [Movie("Lone Kite", 1990, countries=("Japan",))]
    index = MovieGraph.from_movies(movies).index
    sampler = FactSampler(index, range(len(index.films)))
    slot = parse_slot("country")
    drawn = Counter(sampler.draw_film([slot], Random(seed))[1][0] for seed in range(4_000))
    share = drawn["urn:moviequery:country:japan"] / 4_000
    # 81 to the power of 0.75 is 27: one in 28, between one in 82 and one in 2
    assert abs(share - 1 / 28) < 0.012


def test_hash_shares_are_even_and_stable():
    shares = [hash_share(f"film:{number}") for number in range(5_000)]
    assert all(0 <= share < 1 for share in shares)
    counts = Counter(int(share * 10) for share in shares)
    assert all(400 < counts[tenth] < 600 for tenth in range(10))
    assert hash_share("film:heat") == hash_share("film:heat")


def test_films_known_for_rare_facts_are_drawn_less_for_common_ones(bundled_graph):
    index = bundled_graph.index
    sampler = FactSampler(index, range(len(index.films)))
    known = [len(film.facts) >= 10 for film in index.films]
    for slots in ([], [parse_slot("genre")]):
        drawn = [sampler.draw_film(slots, Random(seed)) for seed in range(600)]
        share = sum(known[position] for position, _ in filter(None, drawn)) / len(drawn)
        assert 0 < share < 0.6 * sum(known) / len(known)
