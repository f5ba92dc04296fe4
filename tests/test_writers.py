"""Writers against a server that fails in every way a server can, and a model in this process."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from scripted_server import Answer, ScriptedServer

from moviequery.errors import WriterError
from moviequery.http_faults import read_retry_after
from moviequery.synthesis.pacing import Pace
from moviequery.synthesis.writers import HubWriter, Reply, write_all

ASKED = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "say hello"}]


@pytest.fixture
def serve(monkeypatch):
    """Return a function from a script to a running server."""
    from contextlib import ExitStack

    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_" + "s" * 34)
    with ExitStack() as stack:
        yield lambda script: stack.enter_context(ScriptedServer(script))


def fail_then_answer(*faults):
    """Return a script of faults, then an answer."""
    return lambda payload, number: faults[number] if number < len(faults) else Answer("hello")


def make_writer(server, **options):
    waits = []
    writer = HubWriter("tiny", server.url, sleep=waits.append, **options)
    return writer, waits


def test_a_reply_with_what_it_took(serve):
    server = serve(fail_then_answer())
    writer, waits = make_writer(server, schema={"type": "object"})
    assert writer(ASKED) == Reply("hello", 4, 1, 1)
    assert not waits
    assert server.payloads[0]["model"] == "tiny"
    assert server.payloads[0]["messages"] == ASKED
    assert server.payloads[0]["response_format"]["value"] == {"type": "object"}


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=429),
        Answer(status=500, body=b"<html>oops</html>"),
        Answer(status=503),
        Answer(body=b'{"id": "x", "choi', promised=500),
        Answer(body=b'{"id": "x", "choi'),
        Answer(body=b""),
        Answer(body=b"", promised=100),
        Answer(body=b'{"id":"x","created":0,"model":"m","system_fingerprint":"s","choices":[]}'),
        Answer(body=b'{"id":"x","created":0,"model":"m","system_fingerprint":"s","choices":null}'),
        Answer(body=b"\xff\xfe"),
    ],
    ids=["429", "500", "503", "cut", "half a JSON", "nothing", "only a head", "no choice"]
    + ["null", "no text"],
)
def test_faults_that_pass_are_tried_again(serve, fault):
    server = serve(fail_then_answer(fault, fault))
    writer, waits = make_writer(server)
    reply = writer(ASKED)
    assert (reply.text, reply.requests, len(server.payloads)) == ("hello", 3, 3)
    # the second wait is about twice the first, which is about a second
    waits = [wait for wait in waits if wait > 0]
    assert 0.5 <= min(waits) <= 1.5
    assert 1 <= max(waits) <= 3


def test_it_waits_as_long_as_the_server_asks(serve):
    server = serve(fail_then_answer(Answer(status=429, headers={"Retry-After": "7"})))
    writer, waits = make_writer(server)
    writer(ASKED)
    assert waits[0] == 7


def test_waits_depend_on_the_seed_alone(serve):
    server = serve(lambda payload, number: Answer(status=500))
    waits = []
    for seed in (1, 1, 2):
        writer, slept = make_writer(server, seed=seed, tries=3)
        with pytest.raises(WriterError, match="still no answer after 3 tries"):
            writer(ASKED)
        waits.append(slept)
    assert waits[0] == waits[1] != waits[2]


@pytest.mark.parametrize(
    ("status", "lasting", "refused"), [(401, True, False), (404, True, False), (413, False, True)]
)
def test_what_does_not_pass_is_asked_once(serve, status, lasting, refused):
    server = serve(lambda payload, number: Answer(status=status))
    writer, waits = make_writer(server)
    with pytest.raises(WriterError, match=f"HTTP {status}") as caught:
        writer(ASKED)
    assert (caught.value.lasting, caught.value.refused) == (lasting, refused)
    assert len(server.payloads) == 1 and not waits


def test_a_server_that_takes_no_schema_is_asked_without(serve):
    def script(payload, number):
        return Answer(status=400) if "response_format" in payload else Answer("hello")

    writer, _ = make_writer(serve(script), schema={"type": "object"})
    assert writer(ASKED).text == "hello"


def test_without_a_key_the_hub_is_not_asked_again_and_again(monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    waits = []
    with pytest.raises(WriterError, match="api_key") as caught:
        HubWriter(sleep=waits.append)(ASKED)
    assert caught.value.lasting and not waits


def test_no_server_at_all(serve):
    server = serve(fail_then_answer())
    server.__exit__()
    writer, _ = make_writer(server, tries=2)
    with pytest.raises(WriterError, match="still no answer after 2 tries"):
        writer(ASKED)


def test_the_token_goes_to_no_other_host_and_into_no_text(serve):
    token = "hf_" + "s" * 34
    server = serve(
        lambda payload, number: Answer(status=400, body=f'{{"error":"{token}"}}'.encode())
    )
    writer, _ = make_writer(server)
    with pytest.raises(WriterError) as caught:
        writer(ASKED)
    assert token not in str(server.headers) + str(caught.value) + repr(writer)
    writer, _ = make_writer(server, token="own-key")
    with pytest.raises(WriterError):
        writer(ASKED)
    assert "own-key" in str(server.headers)
    assert "own-key" not in repr(writer) + str(caught.value)


def test_no_more_requests_at_once_than_asked_for(serve):
    server = serve(lambda payload, number: Answer("hello", delay=0.05))
    writer, _ = make_writer(server, concurrency=3)
    asked = [[{"role": "user", "content": str(number)}] for number in range(12)]
    replies = list(write_all(writer, asked, concurrency=12))
    assert [reply.text for reply in replies] == ["hello"] * 12
    assert 1 < server.most_under_way <= 3


def test_errors_come_in_the_place_of_their_replies():
    def writer(messages):
        if messages[0]["content"] == "1":
            raise WriterError("no")
        return Reply(messages[0]["content"], 1, 1)

    asked = [[{"role": "user", "content": str(number)}] for number in range(3)]
    found = list(write_all(writer, asked))
    assert [getattr(one, "text", "error") for one in found] == ["0", "error", "2"]


def test_refusals_of_one_wave_cut_once_and_answers_raise_again():
    now = [0.0]
    pace = Pace(8, clock=lambda: now[0], sleep=lambda seconds: None)
    with pace.slot() as first, pace.slot() as second:
        pace.refused(first, 1.0)
        pace.refused(second, 1.0)
    assert pace.limit == 6
    for _ in range(100):
        pace.answered()
    assert pace.limit == 8
    for _ in range(100):
        with pace.slot() as cuts:
            pace.refused(cuts, 0.0)
    assert pace.limit == 1
    with pace.slot():
        waiting = threading.Thread(target=lambda: pace.slot().__enter__(), daemon=True)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(5)
    assert not waiting.is_alive()


@pytest.mark.parametrize("asked", ["", "soon", "-3", "inf", "nan"])
def test_what_is_no_time_to_wait(asked):
    error = OSError()
    error.response = type("Response", (), {"headers": {"Retry-After": asked}})
    assert read_retry_after(error) is None


def test_a_date_to_wait_for():
    error = OSError()
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100))
    error.response = type("Response", (), {"headers": {"Retry-After": date}})
    assert 90 < read_retry_after(error) <= 100


@pytest.mark.parametrize("options", [{"tries": 0}, {"concurrency": 0}, {"base_url": "localhost"}])
def test_arguments_out_of_range(options):
    with pytest.raises(WriterError):
        HubWriter("tiny", **{"base_url": "http://localhost:1", **options})


def test_a_model_in_this_process(tiny_llama):
    from moviequery.synthesis.local_writer import LocalWriter

    writer = LocalWriter(tiny_llama, max_tokens=5, device="cpu")
    reply = writer(ASKED)
    assert reply == writer(ASKED)
    assert 0 < reply.completion_tokens <= 5
    assert reply.prompt_tokens > 4
