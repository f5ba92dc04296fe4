"""Baselines behind one interface: names looked up, language models prompted, tags mapped."""

from __future__ import annotations

import json

import pytest
from movie_queries import QUERIES, parse_markup
from small_graph import MOVIES, read_vocabulary
from tiny_llama import save_tiny_llama

from moviequery.cli import main
from moviequery.errors import EvaluationError, MissingExtraError, ModelError
from moviequery.evaluation.baselines import PromptedBaseline, SpanBaseline, open_baseline
from moviequery.evaluation.comparison import format_rows, score_baseline
from moviequery.evaluation.gazetteer import Gazetteer
from moviequery.knowledge.gazetteer import NameFinder
from moviequery.knowledge.graph import MovieGraph
from moviequery.modeling.prompts import ENTITY_PROMPT, INTENT_PROMPT
from moviequery.schema import EntityType, Intent


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    return MovieGraph.from_movies(MOVIES, read_vocabulary(tmp_path_factory.mktemp("words")))


@pytest.fixture(scope="module")
def gazetteer(graph):
    return Gazetteer(graph.index)


def named(gazetteer, text):
    (parsed,) = gazetteer.parse([text])
    return [(entity.type.value, entity.text) for entity in parsed.entities]


def test_the_longest_name_wins_and_names_do_not_overlap():
    finder = NameFinder.from_names(["New York", "New York, New York", "York City", ""])
    text = "new york NEW YORK city, New York City"
    found = [text[start:end] for start, end, _ in finder.find(text)]
    assert found == ["new york NEW YORK", "New York"]
    assert [name for *_, name in finder.find_all("New York City")] == ["new york", "york city"]
    assert not list(finder.find("newyork ..."))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rom-coms like The Matrix", [("genre", "rom-coms"), ("title", "The Matrix")]),
        ("films with al pacino", [("actor", "al pacino")]),
        ("something by Michael Mann", [("director", "Michael Mann")]),
        (
            "sci-fi from the 90s, rated R",
            [("genre", "sci-fi"), ("year", "90s"), ("certificate", "R")],
        ),
        ("an R rated heist", [("certificate", "R"), ("plot", "heist")]),
        ("R u there", []),
        ("turn up the heat once more", []),
        ("anything like heat", [("title", "heat")]),
        ("a trailer of Amélie", [("trailer", "trailer"), ("title", "Amélie")]),
        ("", []),
    ],
)
def test_names_of_the_graph_are_found(gazetteer, text, expected):
    assert named(gazetteer, text) == expected


def test_spans_hold_what_they_claim(gazetteer):
    for parsed in gazetteer.parse([*(query.text for query in QUERIES), "🎬 HEAT\n& Amélie’s"]):
        end = 0
        for entity in parsed.entities:
            assert parsed.text[entity.start : entity.end] == entity.text
            assert entity.start >= end
            end = entity.end


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("any good heist movies?", Intent.REC),
        ("recommend me something", Intent.REC),
        ("90s sci-fi", Intent.REC),
        ("who directed Heat?", Intent.NON_REC),
        ("which film is it where al pacino robs a bank", Intent.NON_REC),
        ("two tickets for Amélie please", Intent.NON_REC),
        ("hello", Intent.NON_REC),
    ],
)
def test_cues_give_the_intent(gazetteer, text, intent):
    assert gazetteer.parse([text])[0].intent is intent


def test_answers_are_in_the_papers_form(graph):
    baseline = open_baseline("gazetteer", graph=graph)
    assert baseline.answer(["a rom-com like Heat?"]) == {
        "entities": ['{"titles":["Heat"],"genres":["rom-com"]}'],
        "intent": ['{"intent":"rec"}'],
    }
    assert {EntityType.TITLE, EntityType.DIRECTOR, EntityType.YEAR} <= set(baseline.types)
    assert EntityType.STUDIO not in baseline.types


def test_every_baseline_of_the_graph_is_scored_in_one_row(graph):
    gold = [parse_markup("rec", "any {genre:rom-com} like {title:Heat}?")]
    (row,) = score_baseline(open_baseline("gazetteer", graph=graph), gold, resamples=0)
    assert row.entities["macro_f1"] == 1
    assert row.intent["macro_f1"] == 1
    assert row.reading == "strict"
    assert "gazetteer" in format_rows([row])


def test_an_unknown_baseline_is_refused():
    for name in ("nothing", "prompted:", "ner", "fast:x"):
        with pytest.raises(EvaluationError, match="there is no baseline"):
            open_baseline(name)


class Writer:
    """Stands where a reader does, and writes what it is told to."""

    tasks = ("entities", "intent")

    def __init__(self, entities, intent):
        self.replies = {"entities": entities, "intent": intent}

    def reply(self, task, texts):
        return [self.replies[task] for _ in texts]


def test_what_needs_mending_is_read_leniently_only():
    gold = [parse_markup("rec", "any {genre:Heist} movies like {title:Heat}?")]
    baseline = PromptedBaseline(
        "base", Writer('Sure! {"titles": "heat", "genres": ["heist"]}', '{"intent": "rec"}')
    )
    strict, lenient = score_baseline(baseline, gold, resamples=0)
    assert (strict.entities["parse_rate"], lenient.entities["parse_rate"]) == (0, 1)
    assert (strict.entities["titles"]["f1"], lenient.entities["titles"]["f1"]) == (0, 1)
    assert strict.intent["macro_f1"] == lenient.intent["macro_f1"] == 1
    (parsed,) = baseline.parse([gold[0].text])
    assert not parsed.valid
    assert not parsed.entities
    (mended,) = baseline.parse([gold[0].text], lenient=True)
    assert mended.valid
    assert mended.intent is Intent.REC
    assert [(e.type.value, e.text) for e in mended.entities] == [
        ("genre", "Heist"),
        ("title", "Heat"),
    ]


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    pytest.importorskip("transformers")
    texts = [query.text for query in QUERIES] + [ENTITY_PROMPT, INTENT_PROMPT]
    return save_tiny_llama(tmp_path_factory.mktemp("base"), texts, hidden=32)


def test_a_language_model_is_prompted_as_it_is(llama):
    baseline = open_baseline(f"prompted:{llama}", max_new_tokens=8, device="cpu")
    answers = baseline.answer([query.text for query in QUERIES])
    assert baseline.tasks == ("entities", "intent")
    assert {task: len(written) for task, written in answers.items()} == {
        task: len(QUERIES) for task in baseline.tasks
    }
    rows = score_baseline(baseline, QUERIES, resamples=0)
    assert rows[0].entities["parse_rate"] == 0  # random weights write no JSON


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    """A BERT without layers that gives the n-th word of its vocabulary the n-th tag."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    folder = tmp_path_factory.mktemp("tagger")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "Star", "Wars", "Pacino", "loc"]
    tokenizer = Tokenizer(models.WordLevel({w: n for n, w in enumerate(words)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=32
    ).save_pretrained(folder)
    tags = [*"OOOO", "B-MISC", "I-MISC", "B-PER", "B-ODD"]
    model = transformers.BertForTokenClassification(
        transformers.BertConfig(
            vocab_size=len(words),
            hidden_size=8,
            num_hidden_layers=0,
            num_attention_heads=1,
            intermediate_size=8,
            max_position_embeddings=32,
            id2label=dict(enumerate(tags)),
        )
    )
    with torch.no_grad():
        embeddings = model.bert.embeddings
        embeddings.word_embeddings.weight.copy_(torch.eye(8))
        embeddings.position_embeddings.weight.zero_()
        embeddings.token_type_embeddings.weight.zero_()
        model.classifier.weight.copy_(torch.eye(8))
        model.classifier.bias.zero_()
    model.save_pretrained(folder)
    return str(folder)


def test_tags_of_any_model_become_our_types(tagger):
    baseline = open_baseline(f"ner:{tagger}", device="cpu")
    assert isinstance(baseline, SpanBaseline)
    assert baseline.tasks == ("entities",)
    assert baseline.types == (EntityType.TITLE, EntityType.ACTOR)
    texts = ["like Star Wars with Pacino", "nothing", "loc"]
    assert baseline.answer(texts) == {
        "entities": ['{"titles":["Star Wars"],"actors":["Pacino"]}', "{}", "{}"]
    }
    assert baseline.answer([]) == {"entities": []}
    assert [query.intent for query in baseline.parse(texts)] == [None] * 3


def test_a_label_map_says_what_tags_mean(tagger, tmp_path):
    labels = tmp_path / "labels.toml"
    labels.write_text('[labels]\ncharacter = "ODD"\nmood = "PER"\n', encoding="utf-8")
    baseline = open_baseline(f"ner:{tagger}", labels=labels, device="cpu")
    assert baseline.types == (EntityType.MOOD, EntityType.CHARACTER)
    assert baseline.answer(["Pacino in Star Wars loc"])["entities"] == [
        '{"moods":["Pacino"],"characters":["loc"]}'
    ]
    labels.write_text('[labels]\ntitle = "FILM"\n', encoding="utf-8")
    with pytest.raises(ModelError, match="none of its labels"):
        open_baseline(f"ner:{tagger}", labels=labels, device="cpu")


def test_a_folder_without_a_tagger_is_refused(tmp_path):
    pytest.importorskip("transformers")
    with pytest.raises(ModelError, match="No token-classification model"):
        open_baseline(f"ner:{tmp_path}", device="cpu")


def test_gliner_says_which_extra_brings_it():
    try:
        import gliner  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtraError, match="gliner"):
            open_baseline("gliner")
    else:
        pytest.skip("gliner is installed")


def test_the_command_compares_in_one_table(tmp_path, graph, capsys):
    graph.write(tmp_path / "films.nq")
    rows = tmp_path / "rows.jsonl"
    gold = parse_markup("rec", "any {genre:rom-com} like {title:Heat}?")
    rows.write_text(json.dumps(gold.to_row()) + "\n", encoding="utf-8")
    arguments = ["evaluate", str(rows), "--graph", str(tmp_path / "films.nq")]
    arguments += ["--baseline", "gazetteer", "--baseline", "fast"]
    assert main(arguments) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == [
        *("reading", "parse", "rate", "titles", "genres", "plots", "themes"),
        *("macro-F1", "micro-F1", "intent", "ms/query"),
    ]
    assert [line.split()[0] for line in table[1:]] == ["gazetteer", "fast"]
    assert main([*arguments, "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == ["gazetteer", "fast"]
    tags = tmp_path / "tags.bio"
    tags.write_text("rom-com\tB-GENRE\nlike\tO\nHeat\tB-TITLE\n", encoding="utf-8")
    arguments = ["evaluate", str(tags), "--labels", "mit-movie", *arguments[2:6]]
    assert main([*arguments, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["entities"]["micro_f1"] == 1
    assert main([*arguments, "--model", "x"]) == 2
    assert "parser:M" in capsys.readouterr().err
    assert main([*arguments, "--baseline-labels", "x"]) == 2
    assert main(["evaluate", str(rows), "--baseline", "nothing"]) == 2
