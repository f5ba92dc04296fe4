"""Kills a rewriting process again and again, and compares what is left with an undisturbed run.

    python tests/crash_rewriting.py --rows 2000 --kills 20

The server fails too, in all the ways of `scripted_paraphrases`. Each kill (SIGKILL) comes after a
number of requests drawn at random, so that it falls somewhere between asking and writing down.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))

from scripted_paraphrases import fail
from scripted_server import ScriptedServer
from small_builder import SmallBuilder

CHILD = """
import sys
sys.path.insert(0, {tests!r})
from crash_rewriting import rewrite
rewrite(sys.argv[1], sys.argv[2], int(sys.argv[3]))
"""


def make_rows(count):
    """Return so many different rows."""
    rows, builder, index = {}, SmallBuilder(words=6), 0
    while len(rows) < count:
        query = builder.row(index)
        index += 1
        if query is not None:
            rows.setdefault(query.text, query)
    return list(rows.values())


def rewrite(url, folder, count):
    """Rewrite the rows on a journal in a folder."""
    from moviequery.synthesis.journal import Journal
    from moviequery.synthesis.rewriting import Rewriter
    from moviequery.synthesis.rewriting_run import rewrite_rows
    from moviequery.synthesis.writers import HubWriter

    writer = HubWriter("scripted", url, first_wait=0.001, concurrency=8)
    rewriter = Rewriter(writer)
    with Journal(folder, rewriter.prompt, rewriter.model) as journal:
        rewrite_rows(rewriter, make_rows(count), journal, concurrency=8)


def start(server, folder, count):
    """Return the running process."""
    tests = Path(__file__).parent
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "0",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    return subprocess.Popen(
        [sys.executable, "-c", CHILD.format(tests=str(tests)), server.url, folder, str(count)],
        env=environment,
        stderr=subprocess.DEVNULL,
    )


def kill_after(process, server, requests):
    """Kill the process after so many requests more; return False if it has finished before."""
    goal = len(server.payloads) + requests
    while len(server.payloads) < goal and process.poll() is None:
        time.sleep(0.001)
    finished = process.poll() is not None
    process.kill()
    process.wait()
    return not finished


def read_outcomes(folder):
    """Return the settled lines of the one journal in a folder, and how many there are per row."""
    [path] = Path(folder).glob("*.jsonl")
    outcomes, lines = {}, {}
    for content in path.read_text("utf-8").splitlines()[1:]:
        line = json.loads(content)
        if not line["failure"]:
            lines[line["key"]] = lines.get(line["key"], 0) + 1
            kept = ("text", "entities", "style")
            kinds = [kind for kind, _ in line["refusals"]]
            outcomes[line["key"]] = [line.get(name) for name in kept] + [kinds]
    return outcomes, lines


def crash(count, kills, folder, seed=7):
    """Return the outcomes of a run killed so often, those of one in peace, lines a row, kills."""
    random = Random(seed)
    with ScriptedServer(fail) as server:
        done = 0
        for _ in range(kills):
            process = start(server, f"{folder}/killed", count)
            done += kill_after(process, server, random.randint(1, max(count // kills, 2)))
        assert start(server, f"{folder}/killed", count).wait() == 0
        assert start(server, f"{folder}/peace", count).wait() == 0
        assert threading.active_count() < 100
    killed, lines = read_outcomes(f"{folder}/killed")
    peace, _ = read_outcomes(f"{folder}/peace")
    return killed, peace, lines, done


def main():
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        killed, peace, lines, kills = crash(options.rows, options.kills, folder)
    lost = len(peace.keys() - killed.keys())
    twice = sum(count > 1 for count in lines.values())
    kept = sum(outcome[0] is not None for outcome in killed.values())
    print(f"{options.rows} rows, killed {kills} times: {lost} lost, {twice} twice,", end=" ")
    print(f"{kept} rewritten, {len(killed) - kept} refused,", end=" ")
    print(f"the same as in peace: {killed == peace} ({time.perf_counter() - began:.0f} s)")
    raise SystemExit(lost or twice or len(killed) != options.rows or killed != peace)


if __name__ == "__main__":
    main()
