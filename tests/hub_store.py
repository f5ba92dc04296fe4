"""What the Hub of the tests keeps on disk: contents by their hash, commits, branches, tags."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import yaml

LARGE = (".parquet", ".safetensors", ".onnx", ".png", ".bin", ".model")
LARGE_SIZE = 10 * 2**20
ATTRIBUTES = "".join(f"*{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LARGE)
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


class RefusedError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, message: str, code: str = "", more: dict | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.more = more or {}


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(value))
    temporary.replace(path)


def read_header(text: str) -> dict:
    """Return the metadata of a card; an error of YAML goes on."""
    parts = text.split("---\n", 2)
    found = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0] else None
    return found if isinstance(found, dict) else {}


class HubStore:
    """All repositories of a Hub."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, sha256: str) -> bool:
        return (self.folder / "objects" / sha256).exists()

    def put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.folder / "objects" / sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(data)
        temporary.replace(path)
        return sha256

    def get(self, sha256: str) -> bytes:
        return (self.folder / "objects" / sha256).read_bytes()

    def find(self, kind: str, name: str) -> StoredRepo | None:
        folder = self.folder / kind / name
        return StoredRepo(self, folder, kind, name) if (folder / "repo.json").exists() else None

    def create(self, kind: str, name: str, private: bool, sdk: str | None) -> StoredRepo:
        if self.find(kind, name):
            raise RefusedError(409, f"You already created this {kind} repo: {name}")
        if kind == "space" and not sdk:
            raise RefusedError(400, "a Space needs an sdk")
        repo = StoredRepo(self, self.folder / kind / name, kind, name)
        attributes = repo.entry(ATTRIBUTES.encode(), large=False)
        first = repo.add_commit(None, "initial commit", "", {".gitattributes": attributes})
        write_json(repo.folder / "refs.json", {"branches": {"main": first}, "tags": {}})
        write_json(repo.folder / "repo.json", {"private": private, "sdk": sdk})
        return repo

    def check_card(self, text: str, kind: str) -> list[str]:
        """Return what the Hub would refuse a card for."""
        try:
            header = read_header(text)
        except yaml.YAMLError as error:
            return [f"no YAML: {error}"]
        errors = [
            f"{key!r} must be a list"
            for key in ("tags", "configs", "task_ids", "size_categories")
            if key in header and not isinstance(header[key], list)
        ]
        if kind == "space":
            errors += [
                f"{key!r} must be one of {sorted(COLOURS)}"
                for key in ("colorFrom", "colorTo")
                if header.get(key) not in COLOURS
            ]
            errors += [] if header.get("sdk") in ("gradio", "static", "docker") else ["no sdk"]
            errors += ["'short_description' is too long"] * (
                len(header.get("short_description", "")) > 60
            )
        return errors


class StoredRepo:
    """One repository."""

    def __init__(self, store: HubStore, folder: Path, kind: str, name: str) -> None:
        self.store = store
        self.folder = folder
        self.kind = kind
        self.name = name

    @property
    def private(self) -> bool:
        return json.loads((self.folder / "repo.json").read_text())["private"]

    @property
    def refs(self) -> dict:
        return json.loads((self.folder / "refs.json").read_text())

    def resolve(self, revision: str) -> str:
        refs = self.refs
        for names in (refs["branches"], refs["tags"]):
            if revision in names:
                return names[revision]
        if (self.folder / "commits" / f"{revision}.json").exists():
            return revision
        raise RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")

    def load(self, revision: str) -> dict:
        oid = self.resolve(revision)
        return json.loads((self.folder / "commits" / f"{oid}.json").read_text()) | {"oid": oid}

    def entry(self, data: bytes, large: bool) -> dict:
        sha256 = self.store.put(data)
        shown = data
        if large:
            head = "version https://git-lfs.github.com/spec/v1"
            shown = f"{head}\noid sha256:{sha256}\nsize {len(data)}\n".encode()
        oid = hashlib.sha1(b"blob %d\0" % len(shown) + shown).hexdigest()
        return {"sha256": sha256, "size": len(data), "large": large, "oid": oid}

    def add_commit(self, parent: str | None, title: str, message: str, files: dict) -> str:
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        value = {"parent": parent, "title": title, "message": message, "date": now, "files": files}
        oid = hashlib.sha1(json.dumps(value, sort_keys=True).encode()).hexdigest()
        write_json(self.folder / "commits" / f"{oid}.json", value)
        return oid

    def add_ref(self, group: str, name: str, revision: str) -> dict:
        refs = self.refs
        if name in refs[group]:
            raise RefusedError(409, f"Reference already exists: {name}")
        refs[group][name] = self.resolve(revision)
        write_json(self.folder / "refs.json", refs)
        return {}

    def plan(self, revision: str, asked: dict) -> dict:
        large = asked["path"].endswith(LARGE) or asked["size"] > LARGE_SIZE
        known = self.load(revision)["files"].get(asked["path"])
        found = {"path": asked["path"], "uploadMode": "lfs" if large else "regular"}
        if known:
            found["oid"] = known["sha256"] if known["large"] else known["oid"]
        return found | {"shouldIgnore": False}

    def commit(self, branch: str, lines: list[dict]) -> str:
        refs = self.refs
        if branch not in refs["branches"]:
            raise RefusedError(404, f"Invalid rev id: {branch}", "RevisionNotFound")
        head = self.load(branch)
        files = dict(head["files"])
        header = next(line["value"] for line in lines if line["key"] == "header")
        if header.get("parentCommit", head["oid"]) != head["oid"]:
            raise RefusedError(412, "A commit has happened since. Please refresh and try again.")
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = self.entry(base64.b64decode(value["content"]), large=False)
            elif line["key"] == "lfsFile":
                if not self.store.has(value["oid"]):
                    raise RefusedError(400, f"{value['path']}: its content was not uploaded")
                files[value["path"]] = self.entry(self.store.get(value["oid"]), large=True)
            elif line["key"] == "deletedFile":
                if value["path"] not in files:
                    raise RefusedError(404, "A file with this name doesn't exist", "EntryNotFound")
                del files[value["path"]]
        oid = self.add_commit(head["oid"], header["summary"], header["description"], files)
        refs["branches"][branch] = oid
        write_json(self.folder / "refs.json", refs)
        return oid

    def describe(self, revision: str) -> dict:
        commit = self.load(revision)
        settings = json.loads((self.folder / "repo.json").read_text())
        card = commit["files"].get("README.md")
        header = read_header(self.store.get(card["sha256"]).decode()) if card else {}
        return {
            "_id": "0" * 24,
            "id": self.name,
            "author": self.name.split("/")[0],
            "sha": commit["oid"],
            "lastModified": commit["date"],
            "createdAt": commit["date"],
            "private": settings["private"],
            "gated": False,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": header.get("tags", []),
            "siblings": [{"rfilename": path} for path in sorted(commit["files"])],
            **({"cardData": header} if header else {}),
            **({"pipeline_tag": header["pipeline_tag"]} if "pipeline_tag" in header else {}),
            **({"sdk": settings["sdk"]} if settings["sdk"] else {}),
        }

    def _row(self, path: str, entry: dict) -> dict:
        row = {"type": "file", "path": path, "size": entry["size"], "oid": entry["oid"]}
        lfs = {"oid": entry["sha256"], "size": entry["size"], "pointerSize": 130}
        return row | ({"lfs": lfs} if entry["large"] else {})

    def list_folder(self, revision: str, folder: str, deep: bool) -> list[dict]:
        files = self.load(revision)["files"]
        start = f"{folder.strip('/')}/" if folder.strip("/") else ""
        inside = {path: entry for path, entry in files.items() if path.startswith(start)}
        if start and not inside:
            raise RefusedError(404, f"{folder} does not exist", "EntryNotFound")
        rows, folders = [], set()
        for path, entry in sorted(inside.items()):
            parts = path[len(start) :].split("/")
            folders |= {start + "/".join(parts[:n]) for n in range(1, len(parts))}
            if deep or len(parts) == 1:
                rows.append(self._row(path, entry))
        shown = sorted(path for path in folders if deep or "/" not in path[len(start) :])
        return rows + [self._folder(path) for path in shown]

    def _folder(self, path: str) -> dict:
        oid = hashlib.sha1(path.encode()).hexdigest()
        return {"type": "directory", "path": path, "size": 0, "oid": oid}

    def list_paths(self, revision: str, paths: list[str]) -> list[dict]:
        files = self.load(revision)["files"]
        rows = [self._row(path, files[path]) for path in paths if path in files]
        for path in paths:
            if path not in files and any(name.startswith(f"{path}/") for name in files):
                rows.append(self._folder(path))
        return rows

    def list_refs(self) -> dict:
        shown = {
            group: [
                {"name": name, "ref": f"refs/{word}/{name}", "targetCommit": oid}
                for name, oid in sorted(self.refs[group].items())
            ]
            for group, word in (("branches", "heads"), ("tags", "tags"))
        }
        return shown | {"converts": []}

    def list_commits(self, revision: str) -> list[dict]:
        rows, oid = [], self.resolve(revision)
        while oid:
            commit = self.load(oid)
            keys = ("title", "message", "date")
            rows.append({"id": oid, "authors": [], **{key: commit[key] for key in keys}})
            oid = commit["parent"]
        return rows

    def read(self, revision: str, path: str) -> tuple[bytes, dict]:
        commit = self.load(revision)
        if path not in commit["files"]:
            headers_code = "EntryNotFound"
            raise RefusedError(404, f"Entry not found: {path}", headers_code)
        entry = commit["files"][path]
        tag = entry["sha256"] if entry["large"] else entry["oid"]
        headers = {"X-Repo-Commit": commit["oid"], "ETag": f'"{tag}"', "Accept-Ranges": "bytes"}
        if entry["large"]:
            headers |= {"X-Linked-Etag": f'"{tag}"', "X-Linked-Size": str(entry["size"])}
        return self.store.get(entry["sha256"]), headers
