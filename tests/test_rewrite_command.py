"""The verb `rewrite` from a dataset folder to a dataset folder."""

import json

import pytest
from scripted_paraphrases import fail, paraphrase
from scripted_server import Answer, ScriptedServer
from small_builder import SmallBuilder
from small_graph import MOVIES

from moviequery import MovieGraph
from moviequery.cli import main
from moviequery.corpus.dataset import read_queries, write_dataset
from moviequery.corpus.splits import check_leaks


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A dataset of 60 rows, and a graph of a few films."""
    folder = tmp_path_factory.mktemp("given")
    write_dataset(SmallBuilder(words=6), folder / "queries", 60, licence="cc-by-4.0")
    MovieGraph.from_movies(MOVIES).write(folder / "films.nq")
    return folder


@pytest.fixture
def rewrite(given, tmp_path, monkeypatch, capsys):
    """Return a function that runs the verb: exit code, stdout, stderr."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)

    def run(*arguments, server=None):
        address = ["--base-url", server.url, "--model", "scripted"] if server else []
        command = ["rewrite", str(given / "queries"), "--out", str(tmp_path / "out")]
        command += ["--graph", str(given / "films.nq"), *address, *arguments]
        code = main(command)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def read_all(folder):
    return [query for queries in read_queries(folder).values() for query in queries]


def test_a_dataset_in_other_words(rewrite, given, tmp_path):
    with ScriptedServer(lambda payload, number: Answer(paraphrase(payload["messages"]))) as server:
        code, out, err = rewrite("--json", "--price", "1,2", server=server)
        assert code == 0, err
        asked = len(server.payloads)
        report = json.loads(out)
        old = {query.provenance.index: query for query in read_all(given / "queries")}
        new = {query.provenance.index: query for query in read_all(tmp_path / "out")}
        assert new.keys() == old.keys()
        changed = [query for query in new.values() if query.provenance.origin == "rewritten"]
        assert report["kept"] == len(changed) > 30
        for index, query in new.items():
            assert query.provenance.split == old[index].provenance.split
            assert query.intent == old[index].intent
            assert [e.iri for e in query.entities] == [e.iri for e in old[index].entities]
        assert check_leaks(read_queries(tmp_path / "out")).clean
        card = (tmp_path / "out" / "README.md").read_text("utf-8")
        assert f"put {len(changed)} of the texts in other words" in card
        assert "license: cc-by-4.0" in card
        assert report["usage"]["requests"] == asked
        assert report["cost"] > 0
        assert set(report["diversity"]) == {"before", "after"}
        # once more, elsewhere, from the journal alone
        again = tmp_path / "again"
        code, _, err = rewrite(
            "--out", str(again), "--journal", str(tmp_path / "out.journal"), server=server
        )
        assert code == 0 and "60 rows have an answer" in err
        assert len(server.payloads) == asked
        rows = "queries.jsonl"
        assert (again / rows).read_bytes() == (tmp_path / "out" / rows).read_bytes()


def test_a_dry_run_asks_nothing_and_leaves_nothing(rewrite, tmp_path):
    code, out, _ = rewrite("--dry-run", "--price", "1,1", "--limit", "20")
    assert code == 0
    assert "20 rows to ask, 0 are answered" in out
    assert "likely: 24 requests" in out and "at most: 60 requests" in out and "cost" in out
    assert not list(tmp_path.iterdir())
    code, out, _ = rewrite("--dry-run", "--json")
    assert json.loads(out)["rows"] == 60


def test_a_limit_leaves_the_rest_as_it_was(rewrite, tmp_path):
    with ScriptedServer(lambda payload, number: Answer(paraphrase(payload["messages"]))) as server:
        assert rewrite("--limit", "10", server=server)[0] == 0
        assert len({json.dumps(one["messages"]) for one in server.payloads}) <= 30
    rows = read_all(tmp_path / "out")
    assert len(rows) == 60
    assert 0 < sum(query.provenance.origin == "rewritten" for query in rows) <= 10


def test_a_spent_budget_can_be_raised_or_the_work_finished(rewrite, tmp_path):
    with ScriptedServer(lambda payload, number: Answer(paraphrase(payload["messages"]))) as server:
        prices = ("--price", "1000,1000", "--concurrency", "1")
        code, _, err = rewrite(*prices, "--budget", "20", server=server)
        assert code == 1
        assert "--budget" in err and "--finish" in err
        assert not (tmp_path / "out").exists()
        code, out, _ = rewrite(*prices, "--budget", "20", "--finish", server=server)
        assert code == 0
        assert "without an answer" in out
        assert len(read_all(tmp_path / "out")) == 60


def test_a_server_that_refuses_the_key(rewrite, tmp_path):
    with ScriptedServer(lambda payload, number: Answer(status=401)) as server:
        code, _, err = rewrite(server=server)
    assert code == 2
    assert "HTTP 401" in err and "goes on from there" in err
    assert err.count("\n") < 5


def test_a_faulty_server(rewrite, tmp_path):
    with ScriptedServer(fail) as server:
        code, out, err = rewrite("--json", server=server)
    assert code == 0, err
    report = json.loads(out)
    assert report["unsettled"] == 0
    assert report["refused"].keys() >= {"entity lost", "no JSON"}
    assert report["usage"]["failed"] > 0
    assert len(read_all(tmp_path / "out")) == 60


def test_a_new_model_begins_a_new_journal_and_says_so(rewrite, tmp_path):
    with ScriptedServer(lambda payload, number: Answer(paraphrase(payload["messages"]))) as server:
        rewrite("--limit", "2", server=server)
        code, _, err = rewrite(
            "--out", str(tmp_path / "b"), "--journal", str(tmp_path / "out.journal"),
            "--limit", "2", "--base-url", server.url, "--model", "another",
        )  # fmt: skip
    assert code == 0
    assert "a new journal is begun, since model changed" in err
    assert len(list((tmp_path / "out.journal").glob("*.report.json"))) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--budget", "3"], "--budget needs --price"),
        (["--price", "3"], "not of the form IN,OUT"),
        (["--price", "a,b"], "not of the form IN,OUT"),
        (["--token-variable", "NO_SUCH_KEY"], "NO_SUCH_KEY"),
        (["--prompt", "no-such.toml"], "no-such.toml: cannot be read"),
        (["--local", "no-such-model"], "no causal language model"),
    ],
)
def test_mistakes(rewrite, arguments, message):
    code, _, err = rewrite(*arguments)
    assert (code, message in err) == (2, True), err


def test_the_prompt_is_shown(capsys):
    assert main(["rewrite", "--show-prompt"]) == 0
    assert "[schema]" in capsys.readouterr().out
    assert main(["rewrite"]) == 2
