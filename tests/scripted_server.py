"""A server of chat completions on loopback that answers, fails and breaks off as it is told to."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """What the server does: a text as a completion, a bare status, raw bytes, or a cut line."""

    text: str | None = None
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes | None = None
    promised: int = 0  # bytes that the header promises beyond those that come
    delay: float = 0.0


class ScriptedServer:
    """Answers by `script(payload, number)`: the request, and how often it has come before."""

    def __init__(self, script):
        self.script = script
        self.payloads, self.headers = [], []
        self.seen = Counter()
        self.under_way = self.most_under_way = 0
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exception):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, payload, headers):
        """Return the answer to one request, and keep count."""
        key = json.dumps(payload["messages"])
        with self._lock:
            self.payloads.append(payload)
            self.headers.append(headers)
            number = self.seen[key]
            self.seen[key] += 1
        return self.script(payload, number)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Say nothing of clients that were killed, in the middle of a request even."""
        if not isinstance(sys.exception(), (ConnectionError, json.JSONDecodeError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    owner: ScriptedServer

    def do_POST(self):
        owner = self.owner
        with owner._lock:
            owner.under_way += 1
            owner.most_under_way = max(owner.most_under_way, owner.under_way)
        try:
            length = int(self.headers["Content-Length"])
            payload = json.loads(self.rfile.read(length))
            answer = owner.answer(payload, dict(self.headers))
            if answer.delay:
                threading.Event().wait(answer.delay)
        finally:
            with owner._lock:
                owner.under_way -= 1
        body = answer.body
        if body is None:
            body = (
                json.dumps(_completion(payload, answer.text)).encode()
                if answer.text is not None
                else b""
            )
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) + answer.promised))
        self.end_headers()
        self.wfile.write(body)
        if answer.promised:
            self.close_connection = True

    def log_message(self, *arguments):
        """Say nothing: the tests read what was asked."""


def _completion(payload, text):
    words = sum(len(message["content"].split()) for message in payload["messages"])
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": payload["model"],
        "system_fingerprint": "scripted",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {
            "prompt_tokens": words,
            "completion_tokens": len(text.split()),
            "total_tokens": words + len(text.split()),
        },
    }
