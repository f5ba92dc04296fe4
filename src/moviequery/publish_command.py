"""The verb `publish`: a finished folder to the Hub, or what would be sent."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .hub import Published
    from .hub_release import Release

SUMMARY = "publish a dataset, an adapter, a metric or a Space on the Hub"
EXAMPLES = """
moviequery publish dataset queries ORG/film-queries --dry-run      what would be sent, and the card
moviequery publish dataset queries ORG/film-queries --private
moviequery publish adapter adapters/entities ORG/film-entities --dataset ORG/film-queries@TAG
moviequery publish metric macro_f1 ORG/macro_f1 --card metric_cards/macro_f1.md
moviequery publish space space ORG/film-search
"""


def add_publish_options(verb: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    verb.add_argument("kind", choices=("dataset", "adapter", "metric", "space"))
    verb.add_argument("folder", metavar="FOLDER", help="finished: what build or train wrote")
    verb.add_argument("repo_id", metavar="REPO_ID", help="NAMESPACE/NAME on the Hub")
    verb.add_argument("--dry-run", action="store_true", help="check and show; send nothing")
    verb.add_argument("--private", action="store_true", help="of a repository that has to be made")
    verb.add_argument("--revision", default="main", metavar="BRANCH", help="default main")
    verb.add_argument("--no-tag", action="store_true", help="do not name the release by a tag")
    verb.add_argument("--card", metavar="FILE", help="card of a folder without a README.md")
    verb.add_argument(
        "--dataset", metavar="D", help="what an adapter was trained on: folder, or ID@REVISION"
    )
    verb.add_argument(
        "--base-model", metavar="ID", help="of an adapter: name this instead of a local folder"
    )
    verb.add_argument("--licence", help="of an adapter on a base whose licence is not known here")
    verb.add_argument("--json", action="store_true", help="report as JSON")


def run_publish(options: argparse.Namespace) -> int:
    """Check a folder and publish it, or show what would be sent."""
    from .hub import publish
    from .hub_preparation import prepare_release

    release = prepare_release(
        options.kind,
        Path(options.folder),
        options.repo_id,
        card=Path(options.card) if options.card else None,
        dataset=options.dataset,
        base_model=options.base_model,
        licence=options.licence,
    )
    for name in release.left_out:
        print(f"left out: {name}", file=sys.stderr)
    if options.dry_run:
        print(json.dumps(_describe(release)) if options.json else _show(release))
        return 0
    published = publish(
        release, private=options.private, revision=options.revision, tag=not options.no_tag
    )
    print(json.dumps(_report(published)) if options.json else _tell(release, published))
    return 0


def _describe(release: Release) -> dict[str, Any]:
    return {
        "repo_id": release.repo_id,
        "repo_type": release.repo_type,
        "message": release.message,
        "tag": release.tag,
        "files": release.sizes,
        "sha256": release.sums,
        "card": release.card,
    }


def _show(release: Release) -> str:
    lines = [
        f"{release.repo_type} {release.repo_id}: {len(release.files)} files, "
        f"{sum(release.sizes.values()):,} bytes",
        f"commit: {release.message}",
        f"tag: {release.tag}",
        *(f"{size:>14,}  {name}" for name, size in release.sizes.items()),
    ]
    return "\n".join([*lines, "", release.card])


def _report(published: Published) -> dict[str, Any]:
    return {
        "url": published.url,
        "commit": published.commit,
        "tag": published.tag,
        "is_new": published.is_new,
        "sent": published.sent,
        "removed": published.removed,
    }


def _tell(release: Release, published: Published) -> str:
    if published.is_new:
        what = f"{len(published.sent)} files sent, {len(published.removed)} removed in one commit"
    else:
        what = "nothing to send: the same content is there"
    tag = f", tag {published.tag}" if published.tag else ""
    return f"{published.url}: {what} ({published.commit[:12]}{tag})\n{release.message}"
