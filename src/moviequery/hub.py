"""Finished folders to the Hub: one commit for a release, or none where it is there already.

What is sent, and whether it may be, is for `hub_release` and its neighbours; this file is the only
one that writes to a Hub. Large files go first and cannot be seen; then one commit makes everything
visible at once. A publisher that is killed before it leaves nothing that can be loaded, and the
next one sends only what is missing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from . import __version__
from .errors import HubError
from .http_faults import http_error, is_passing, read_status
from .hub_cards import TAG
from .hub_errors import TRIES, explain, is_conflict, wait_for
from .hub_release import Release

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
# What a repository may hold that is not ours and yet not taken: what the Hub's own form makes.
_NEW = {".gitattributes", ".gitignore", "README.md", "LICENSE"}
_KEPT = {".gitattributes"}


@dataclass(frozen=True, slots=True)
class Published:
    """Where a release now stands.

    Attributes:
        url: of the repository.
        commit: its commit.
        tag: the name under which it stays; None when no tag was wanted.
        sent: files that were added or changed, sorted.
        removed: files that were taken away, sorted.
    """

    url: str
    commit: str
    tag: str | None
    sent: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_new(self) -> bool:
        """True when a commit was made."""
        return bool(self.sent or self.removed)


def get_token() -> str | None:
    """Return the token that the Hub's own library finds; it is never shown or kept here."""
    import huggingface_hub

    return huggingface_hub.get_token()


def publish(
    release: Release,
    *,
    private: bool = False,
    revision: str = "main",
    tag: bool = True,
    endpoint: str | None = None,
) -> Published:
    """Return where the release stands after one commit, or after none if it was there.

    Args:
        release: what `prepare_release` found fit to be sent.
        private: of a repository that has to be made; one that exists stays as it is.
        revision: the branch; it is made from `main` where there is none.
        tag: name the commit by version and fingerprint.
        endpoint: of the Hub; by default `HF_ENDPOINT`, or huggingface.co.

    Raises:
        HubError: no token, no right, the name is taken, the Hub cannot be reached, or it refuses.
    """
    from huggingface_hub import HfApi, constants

    if constants.HF_HUB_OFFLINE:
        raise HubError("HF_HUB_OFFLINE is set, so nothing can be published; unset it and try again")
    token = get_token()
    if token is None:
        raise HubError(
            "there is no token: run `hf auth login`, or set HF_TOKEN to one with the right to write"
        )
    api = HfApi(endpoint, token, library_name="moviequery", library_version=__version__)
    with _quiet_library():
        return _Publisher(api, token, release, revision).run(private, tag)


@contextmanager
def _quiet_library() -> Iterator[None]:
    """Keep the library's log to itself: it shows signed addresses, which are as good as tokens."""
    from huggingface_hub.utils import logging as library_log

    before = library_log.get_verbosity()
    library_log.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        library_log.set_verbosity(before)


@dataclass(frozen=True)
class _Publisher:
    """One release on its way to one branch."""

    api: HfApi
    token: str
    release: Release
    revision: str

    def run(self, private: bool, tag: bool) -> Published:
        """Make the repository, the branch, the commit and the tag, as far as they are not there."""
        account = self._insist("ask who the token belongs to", self.api.whoami)
        self._open(private, account)
        published = self._insist("commit", self._commit)
        return replace(published, tag=self._tag(published.commit)) if tag else published

    @property
    def _place(self) -> dict[str, Any]:
        return {"repo_id": self.release.repo_id, "repo_type": self.release.repo_type}

    def _insist(self, what: str, action: Callable[[], _T]) -> _T:
        """Return what the action gives, once faults that pass have passed.

        Raises:
            HubError: a fault that does not pass, or that is still there after all tries.
        """
        for number in range(1, TRIES + 1):
            try:
                return action()
            except (http_error(), OSError, RuntimeError, ValueError) as error:
                conflict = what == "commit" and is_conflict(error)
                if number == TRIES or not (conflict or is_passing(error)):
                    raise explain(error, what, self.release.repo_id, self.api, self.token) from None
                seconds = wait_for(error, number)
                _log.warning("could not %s yet; again in %.0f s", what, seconds)
                time.sleep(seconds)
        raise AssertionError("the last try returns or raises")

    def _open(self, private: bool, account: dict[str, Any]) -> None:
        """Make the repository and the branch where they are missing; refuse one of others."""
        info = self._insist("look for the repository", self._look)
        if info is None:
            self._insist("make the repository", lambda: self._create(private, account))
            info = self._insist("look for the repository", self._look)
        names = {each.rfilename for each in (info.siblings or [])} if info else set()
        tags = (info.card_data or {}).get("tags") if info else None
        if not names <= _NEW and TAG not in (tags or []):
            raise HubError(
                f"the name is taken: {self.release.repo_id} holds a {self.release.repo_type} that "
                f"moviequery did not publish (its card has no tag {TAG!r}); choose another name"
            )
        if self.revision != "main":
            self._insist("make the branch", self._branch)

    def _look(self) -> Any:  # noqa: ANN401 - ModelInfo, DatasetInfo or SpaceInfo
        try:
            return self.api.repo_info(**self._place)
        except OSError as error:
            if read_status(error) == 404:
                return None
            raise

    def _create(self, private: bool, account: dict[str, Any]) -> None:
        sdk = str(self.release.header.get("sdk")) if self.release.repo_type == "space" else None
        try:
            self.api.create_repo(**self._place, private=private or None, space_sdk=sdk)
        except OSError as error:
            if read_status(error) == 409:
                # made by the try before, whose answer was lost, or by another publisher
                if self._look() is not None:
                    return
                raise HubError(
                    f"the name is taken: there is a {self.release.repo_type} "
                    f"{self.release.repo_id} that this token cannot see; choose another name"
                ) from None
            if read_status(error) == 403:
                names = [account["name"], *(org["name"] for org in account.get("orgs", []))]
                raise HubError(
                    f"no right to write to {self.release.repo_id}: the token is that of "
                    f"{account['name']}, who belongs to {', '.join(dict.fromkeys(names))}; choose "
                    "such a namespace, or a token with the right to write"
                ) from None
            raise

    def _branch(self) -> None:
        self.api.create_branch(**self._place, branch=self.revision, exist_ok=True)

    def _commit(self) -> Published:
        """Commit what differs from the branch, all of it at once and on top of what was seen."""
        head = self.api.repo_info(**self._place, revision=self.revision).sha
        changes, sent, removed = self._compare(head)
        prefix = "" if self.release.repo_type == "model" else f"{self.release.repo_type}s/"
        url = f"{self.api.endpoint}/{prefix}{self.release.repo_id}"
        if changes:
            head = self.api.create_commit(
                **self._place,
                operations=changes,
                commit_message=self.release.message,
                revision=self.revision,
                parent_commit=head,
            ).oid
        return Published(url, str(head), None, sent, removed)

    def _compare(
        self, head: str | None
    ) -> tuple[list[CommitOperationAdd | CommitOperationDelete], tuple[str, ...], tuple[str, ...]]:
        """Return what makes the branch equal to the release, and which files that touches."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete
        from huggingface_hub.hf_api import RepoFile

        tree = self.api.list_repo_tree(**self._place, revision=head, recursive=True)
        there = {each.path: each for each in tree if isinstance(each, RepoFile)}
        changed = [name for name in self.release.files if not self._is_same(name, there.get(name))]
        gone = sorted(set(there) - set(self.release.files) - _KEPT)
        changes: list[CommitOperationAdd | CommitOperationDelete] = [
            CommitOperationAdd(name, _as_content(self.release.files[name])) for name in changed
        ]
        changes += [CommitOperationDelete(name, is_folder=False) for name in gone]
        return changes, tuple(changed), tuple(gone)

    def _is_same(self, name: str, there: Any) -> bool:  # noqa: ANN401 - RepoFile or None
        """Return True when the file on the Hub has these bytes, by the hash that it gives."""
        if there is None or there.size != self.release.sizes[name]:
            return False
        if there.lfs:
            return bool(there.lfs.sha256 == self.release.sums[name])
        return bool(there.blob_id == self.release.git_hash(name))

    def _tag(self, commit: str) -> str:
        """Return the tag on the commit; another commit's is never moved, the next gets a number."""

        def find() -> str:
            refs = self.api.list_repo_refs(**self._place)
            tags = {each.name: each.target_commit for each in refs.tags}
            number, name = 1, self.release.tag
            while name in tags and tags[name] != commit:
                number += 1
                name = f"{self.release.tag}-r{number}"
            if name not in tags:
                self.api.create_tag(
                    **self._place, tag=name, revision=commit, tag_message=self.release.message
                )
            return name

        return self._insist("tag the release", find)


def _as_content(source: Any) -> Any:  # noqa: ANN401 - a path or bytes
    return source if isinstance(source, bytes) else str(source)
