"""A Hub on this machine: the calls that publishing and loading make, kept on disk.

```python
with HubServer(folder) as hub:
    ...  # clients with HF_ENDPOINT=hub.url, HF_HUB_DISABLE_XET=1 and a token of `hub.accounts`
```
Repositories have commits, branches and tags; large files go through the LFS calls. A commit is seen
whole or not at all. `fail`, `cut` and `hold` make passing faults.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from hub_store import HubStore, RefusedError

PLURALS = {"models": "model", "datasets": "dataset", "spaces": "space"}
REPO = r"(?P<kind>models|datasets|spaces)/(?P<repo>[^/]+/[^/]+)"


@dataclass
class Account:
    """Who a token belongs to, and where it may write."""

    name: str
    writes: tuple[str, ...] = ()


@dataclass
class Fault:
    """What goes wrong with the next `times` requests that match."""

    method: str
    path: re.Pattern
    times: int
    status: int = 0  # 0: the connection is cut
    headers: dict = field(default_factory=dict)
    after: int = 0  # bytes of the body that are still read before a cut
    afterwards: bool = False  # the work is done, and only the answer is lost
    held: threading.Event | None = None  # set when the request is there; then nobody answers


class HubServer:
    """The server, with what tests set and look at."""

    def __init__(self, folder: Path, accounts: dict[str, Account]) -> None:
        self.store = HubStore(folder)
        self.accounts = accounts
        self.faults: list[Fault] = []
        self.log: list[str] = []
        self.received = 0  # bytes of large files
        self.lock = threading.RLock()
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Own", (_Handler,), {"hub": self})
        )
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> HubServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, method: str, path: str, status: int, times: int = 1, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(method, re.compile(path), times, status, names))

    def cut(self, method: str, path: str, times: int = 1, after: int = 0, *, late=False) -> None:
        self.faults.append(Fault(method, re.compile(path), times, after=after, afterwards=late))

    def hold(self, method: str, path: str, after: int = 0) -> threading.Event:
        event = threading.Event()
        self.faults.append(Fault(method, re.compile(path), 1, after=after, held=event))
        return event

    def take_fault(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times and fault.method == method and fault.path.search(path):
                    fault.times -= 1
                    return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: HubServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_HEAD = do_GET

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        self.query = parse_qs(parts.query)
        # an encoded slash belongs to the name of a branch
        path = parts.path
        self.hub.log.append(f"{self.command} {path}")
        fault = self.hub.take_fault(self.command, path)
        size = int(self.headers.get("Content-Length") or 0)
        if fault and not fault.status and not fault.afterwards:
            self.rfile.read(min(fault.after, size))
            if fault.held:
                fault.held.set()
                threading.Event().wait(30)
            self.close_connection = True
            self.connection.close()
            return
        self.body = self.rfile.read(size)
        if fault and fault.status:
            self._answer({"error": "a fault of the test"}, fault.status, fault.headers)
            return
        try:
            answer = self._route(path)
        except RefusedError as error:
            headers = {"X-Error-Message": str(error)}
            headers |= {"X-Error-Code": error.code} if error.code else {}
            self._answer({"error": str(error)} | error.more, error.status, headers)
            return
        if fault:
            self.close_connection = True
            self.connection.close()
        elif isinstance(answer, tuple):
            self._send(*answer)
        else:
            self._answer(answer)

    def _answer(self, value: object, status: int = 200, headers: dict | None = None) -> None:
        data = json.dumps(value).encode()
        self._send(data, status, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, data: bytes, status: int, headers: dict) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _account(self) -> Account | None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if not token:
            return None
        if token not in self.hub.accounts:
            raise RefusedError(401, "Invalid credentials in Authorization header")
        return self.hub.accounts[token]

    def _writer(self, namespace: str) -> Account:
        account = self._account()
        if account is None:
            raise RefusedError(401, "Invalid username or password.")
        if namespace not in account.writes:
            raise RefusedError(403, f"You don't have the rights to write to {namespace}")
        return account

    def _route(self, path: str) -> object:
        for method, pattern, action in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found and self.command in method.split("|"):
                with self.hub.lock:
                    return action(
                        self, **{k: unquote(v or "") for k, v in found.groupdict().items()}
                    )
        raise RefusedError(404, f"no such page: {path}")

    def _repo(self, kind: str, repo: str, write: bool = False) -> object:
        kind = PLURALS.get(kind, kind or "model")
        if write:
            self._writer(repo.split("/")[0])
        account = self._account()
        found = self.hub.store.find(kind, repo)
        if found is None or (
            found.private and (account is None or repo.split("/")[0] not in account.writes)
        ):
            # as on the real Hub: without a token nobody learns whether it is private or missing
            raise RefusedError(404 if account else 401, "Repository not found", "RepoNotFound")
        return found

    # The calls, in the order of `_ROUTES`.

    def whoami(self) -> object:
        account = self._account()
        if account is None:
            raise RefusedError(401, "Invalid username or password.")
        return {"type": "user", "name": account.name, "orgs": [{"name": n} for n in account.writes]}

    def create(self) -> object:
        asked = json.loads(self.body)
        namespace = asked.get("organization") or self._account().name
        self._writer(namespace)
        kind, name = asked.get("type", "model"), f"{namespace}/{asked['name']}"
        private = asked.get("visibility") == "private" or asked.get("private", False)
        self.hub.store.create(kind, name, private, asked.get("sdk"))
        prefix = "" if kind == "model" else f"{kind}s/"
        return {"url": f"{self.hub.url}/{prefix}{name}", "name": name}

    def validate(self) -> object:
        asked = json.loads(self.body)
        if errors := self.hub.store.check_card(asked["content"], asked["repoType"]):
            messages = [{"message": error} for error in errors]
            raise RefusedError(400, "invalid card", more={"errors": messages, "warnings": []})
        return {"errors": [], "warnings": []}

    def info(self, kind: str, repo: str, revision: str = "") -> object:
        return self._repo(kind, repo).describe(revision or "main")

    def tree(self, kind: str, repo: str, revision: str, folder: str = "") -> object:
        deep = self.query.get("recursive", ["false"])[0].lower() == "true"
        return self._repo(kind, repo).list_folder(revision, folder or "", deep)

    def paths_info(self, kind: str, repo: str, revision: str) -> object:
        if "json" in self.headers.get("Content-Type", ""):
            paths = json.loads(self.body)["paths"]
        else:
            paths = parse_qs(self.body.decode()).get("paths", [])
        return self._repo(kind, repo).list_paths(revision, paths)

    def refs(self, kind: str, repo: str) -> object:
        return self._repo(kind, repo).list_refs()

    def commits(self, kind: str, repo: str, revision: str) -> object:
        return self._repo(kind, repo).list_commits(revision)

    def preupload(self, kind: str, repo: str, revision: str) -> object:
        found = self._repo(kind, repo, write=True)
        return {"files": [found.plan(revision, each) for each in json.loads(self.body)["files"]]}

    def commit(self, kind: str, repo: str, revision: str) -> object:
        found = self._repo(kind, repo, write=True)
        lines = [json.loads(line) for line in self.body.splitlines() if line.strip()]
        oid = found.commit(revision, lines)
        return {"commitUrl": f"{self.hub.url}/{repo}/commit/{oid}", "commitOid": oid}

    def branch(self, kind: str, repo: str, name: str) -> object:
        start = json.loads(self.body or b"{}").get("startingPoint", "main")
        return self._repo(kind, repo, write=True).add_ref("branches", name, start)

    def tag(self, kind: str, repo: str, revision: str) -> object:
        name = json.loads(self.body)["tag"]
        return self._repo(kind, repo, write=True).add_ref("tags", name, revision)

    def lfs_batch(self, kind: str, repo: str) -> object:
        self._repo(kind, repo, write=True)
        objects = []
        for each in json.loads(self.body)["objects"]:
            known = self.hub.store.has(each["oid"])
            upload = {"upload": {"href": f"{self.hub.url}/lfs/{each['oid']}"}}
            objects.append(each if known else {**each, "actions": upload})
        return {"transfer": "basic", "objects": objects}

    def lfs_upload(self, oid: str) -> object:
        self.hub.received += len(self.body)
        if hashlib.sha256(self.body).hexdigest() != oid:
            raise RefusedError(400, "the bytes are not those that were announced")
        self.hub.store.put(self.body)
        return {}

    def resolve(self, kind: str, repo: str, revision: str, path: str) -> object:
        data, headers = self._repo(kind, repo).read(revision, path)
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        status = 200
        if asked:
            start, end = int(asked[1]), min(int(asked[2] or len(data) - 1), len(data) - 1)
            headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
            data, status = data[start : end + 1], 206
        return data, status, headers


_API = f"/api/{REPO}"
_PAGE = r"/(?:(?P<kind>datasets|spaces)/)?(?P<repo>[^/]+/[^/]+)"
_ROUTES = (
    ("GET", "/api/whoami-v2", _Handler.whoami),
    ("POST", "/api/repos/create", _Handler.create),
    ("POST", "/api/validate-yaml", _Handler.validate),
    ("GET", f"{_API}(?:/revision/(?P<revision>[^/]+))?", _Handler.info),
    ("GET", rf"{_API}/tree/(?P<revision>[^/]+)(?:/(?P<folder>.*))?", _Handler.tree),
    ("POST", f"{_API}/paths-info/(?P<revision>[^/]+)", _Handler.paths_info),
    ("GET", f"{_API}/refs", _Handler.refs),
    ("GET", f"{_API}/commits/(?P<revision>[^/]+)", _Handler.commits),
    ("POST", f"{_API}/preupload/(?P<revision>[^/]+)", _Handler.preupload),
    ("POST", f"{_API}/commit/(?P<revision>[^/]+)", _Handler.commit),
    ("POST", f"{_API}/branch/(?P<name>[^/]+)", _Handler.branch),
    ("POST", f"{_API}/tag/(?P<revision>[^/]+)", _Handler.tag),
    ("POST", rf"{_PAGE}\.git/info/lfs/objects/batch", _Handler.lfs_batch),
    ("PUT", "/lfs/(?P<oid>[0-9a-f]{64})", _Handler.lfs_upload),
    ("GET|HEAD", rf"{_PAGE}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", _Handler.resolve),
)
