"""`python -m benchmarks`: how quick gbsync is, as ratios within one run; absolute times are beside them.

Prints a table, then the same as JSON; `--json FILE` writes the JSON there instead, `--page FILE` the table
into a page. Names choose the rows.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from benchmarks.bucket import Bucketed, bucketed
from benchmarks.server import Served, served
from benchmarks.table import Row, line, machine, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LATENCY = 0.02
PARALLELISM = 10
RATE, SLOW = 100, 10
INSTALLATIONS = 10
BINDINGS = 5000
WRITES, CREATE = 1000, 2
LIMITED = 460
"""Updates at the slow limit: with their pages more than 500 requests."""
TIMES = 3
"""How often writes are measured; the best counts, as other work on the machine only adds."""
PAIRS = 7
"""How often what a plan takes is held against its wire; the middle counts."""


def work(name: str, **arguments: Any) -> dict[str, Any]:
    """What `benchmarks.work` measures in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.work", name, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def prepared(url: str, bindings: int) -> Iterator[str]:
    """A folder with the file of so many bindings, and with the lock that an apply of it leaves."""
    with TemporaryDirectory() as folder:
        work("prepare", url=url, bindings=bindings, folder=folder)
        yield folder


def starting() -> Iterator[Row]:
    """How much CPU time it takes to say anything at all."""
    click = _cpu("-c", "import click")
    version = _cpu("-m", "reconciler", "--version")
    plan = _cpu("-m", "reconciler", "plan", "examples/quickstart", "--sandbox")
    note = f"{version * 1000:.0f} ms of CPU"
    yield Row("`gbsync --version` against `import click`", version / click, 2.0, "x", note)
    yield Row("plan of a small file", plan * 1000, 250, "ms of CPU", "the sandbox's included")


def _cpu(*args: str, times: int = 7) -> float:
    """Seconds of CPU, the middle of several runs."""
    found = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *args], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return sorted(found)[times // 2]


def offline() -> Iterator[Row]:
    """Reading, resolving and diffing 10,000 bindings, a tenth of them changed, on one core."""
    for style in ("short", "long"):
        found = work("offline", bindings=10_000, style=style)
        name = f"10,000 bindings offline, a tenth changed, {style} form"
        yield Row(name, found["cpu"], 1.0, "s of CPU", f"{found['steps']} steps")


def planning() -> Iterator[Row]:
    """A plan without a change, against its requests on the wire and the reading of its file."""
    with served(Served(bindings=BINDINGS, latency=LATENCY)) as url, prepared(url, BINDINGS) as folder:
        pairs = [
            (
                work("plan", url=url, bindings=BINDINGS, folder=folder),
                work("bare_reads", url=url)["wall"],
            )
            for _ in range(PAIRS)
        ]
    ratios = sorted(found["wall"] / (found["reading"] + wire) for found, wire in pairs)
    found, wire = min(pairs, key=lambda pair: pair[0]["wall"])
    note = (
        f"{ratios[0]:.2f} to {ratios[-1]:.2f}; at best {found['wall']:.2f} s, "
        f"its wire {wire:.2f} s, its reading {found['reading']:.2f} s"
    )
    yield Row("plan of 5,000 bindings, no change", ratios[PAIRS // 2], 1.2, "x (wire + files)", note)
    yield Row("its requests", found["requests"], 21, "requests", "one list, and one for each installation")


def creating() -> Iterator[Row]:
    """A thousand bindings made."""
    yield from _writing("creates", Bucketed(bindings=0, room=WRITES, latency=LATENCY), CREATE, 1.15)


def updating() -> Iterator[Row]:
    """A thousand bindings changed."""
    yield from _writing("updates", Bucketed(bindings=WRITES, latency=LATENCY), 1, 1.35)


def _writing(name: str, what: Bucketed, requests: int, goal: float) -> Iterator[Row]:
    """Our own run with its plan, bare httpx that only writes, and octoDNS, in turn on such a server."""
    creates = requests == CREATE
    ours, bare, octodns = [], [], []
    for _ in range(TIMES):
        with bucketed(what) as url:
            ours.append(_applied(url, WRITES, changed=not creates))
        with bucketed(what) as url:
            bare.append(work("bare_writes", url=url, bindings=WRITES, creates=creates))
        if find_spec("octodns"):
            with bucketed(what) as url:
                octodns.append(work("octodns", url=url, bindings=WRITES))
    floor = requests * WRITES * LATENCY / PARALLELISM
    best = min(run["wall"] for run in ours)
    cpu, bare_cpu = (min(run["cpu"] for run in runs) / WRITES * 1000 for runs in (ours, bare))
    sent = min(run["requests"] for run in ours)
    note = f"{sent:,} requests in {best:.2f} s; CPU per object {cpu:.2f} ms, bare httpx {bare_cpu:.2f} ms"
    yield Row(f"1,000 {name}, {PARALLELISM} at a time", best / floor, goal, f"x {floor:.1f} s", note)
    whole = min(run["whole"]["wall"] for run in ours)
    for peer, runs in (("bare httpx that only writes", bare), ("octoDNS with 10 threads", octodns)):
        if runs:
            theirs = min(run["wall"] for run in runs)
            note = f"{whole:.2f} s with its plan, against {theirs:.2f} s"
            yield Row(f"1,000 {name} against {peer}", whole / theirs, 1.0, "x", note)


def _applied(url: str, bindings: int, *, changed: bool = True) -> dict[str, Any]:
    how = {"changed": int(changed), "parallelism": PARALLELISM, "integrations": INSTALLATIONS}
    return work("apply", url=url, bindings=bindings, **how)


def window() -> Iterator[Row]:
    """How long ago an object was read when its PATCH arrives: read by the page, and one by one."""
    windows = {}
    for own_keys in (False, True):
        with bucketed(Bucketed(bindings=WRITES, latency=LATENCY, own_keys=own_keys)) as url:
            _applied(url, WRITES)
            windows[own_keys] = _measured(url)
    page, single = windows[False], windows[True]
    note = "; ".join(
        f"{name} {each['median'] * 1000:.0f} ms, 99 of 100 within {each['99'] * 1000:.0f} ms"
        for name, each in (("by the page", page), ("one by one", single))
    )
    yield Row(
        "from a read to its write, middle", page["median"] / single["median"], 1.3, "x one by one", note
    )


def _measured(url: str) -> dict[str, Any]:
    with urlopen(f"{url}/measured") as reply:  # noqa: S310 - our own server, on this machine
        measured: dict[str, Any] = json.load(reply)
        return measured


def limited() -> Iterator[Row]:
    """How much of a rate limit is used, and how often it is run into: a bucket, and windows."""
    bucket = Bucketed(bindings=LIMITED, latency=LATENCY, rate=SLOW, burst=SLOW)
    with bucketed(bucket) as url:
        yield from _used(_applied(url, LIMITED), f"bucket of {SLOW} per second", SLOW, SLOW)
    with served(Served(bindings=WRITES, latency=LATENCY, rate_limit=RATE)) as url:
        run = work("apply", url=url, bindings=WRITES, changed=1, parallelism=PARALLELISM)
        yield from _used(run, f"windows of {RATE} per second", RATE, 0)


def _used(run: dict[str, Any], name: str, rate: int, burst: int) -> Iterator[Row]:
    used = (run["requests"] - burst) / (run["wall"] * rate)
    note = f"{run['requests']:,} requests in {run['wall']:.1f} s"
    yield Row(f"{name}, used", used * 100, 95, "%", note, at_least=True)
    refused = run["refused"] / run["requests"]
    yield Row(f"{name}, answered 429", refused * 100, 1, "%", f"{run['refused']} refused")


def growing() -> Iterator[Row]:
    """Time and memory per binding, from a thousand to fifty thousand."""
    sizes = (1_000, 10_000, 50_000)
    found = {}
    for size in sizes:
        with served(Served(bindings=size, latency=0.0)) as url, prepared(url, size) as folder:
            found[size] = work("plan", url=url, bindings=size, folder=folder)
    each = {size: item["cpu"] / size for size, item in found.items()}
    note = ", ".join(f"{size:,}: {value * 1e6:.0f} µs of CPU" for size, value in each.items())
    yield Row("time per binding, 50,000 against 10,000", each[50_000] / each[10_000], 1.2, "x", note)
    memory = {size: found[size]["peak"] / 2**20 for size in sizes}
    note = ", ".join(f"{size:,}: {value:.0f} MiB" for size, value in memory.items())
    grown = (memory[50_000] - memory[10_000]) / 40 / ((memory[10_000] - memory[1_000]) / 9)
    yield Row("memory per binding, 50,000 against 10,000", grown, 1.2, "x", note)
    yield Row("peak memory, 50,000 bindings", memory[50_000], 300, "MiB", f"{found[50_000]['wall']:.1f} s")


ROWS: dict[str, Callable[[], Iterator[Row]]] = {
    function.__name__: function
    for function in (starting, offline, planning, creating, updating, window, limited, growing)
}


def main() -> None:
    """Measures, prints the table, and says it as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ROWS)}; all unless given")
    parser.add_argument("--json", metavar="FILE", help="write the JSON there")
    parser.add_argument("--page", metavar="FILE", help="write the table there, between its marks")
    chosen = parser.parse_args()
    where, rows = machine(), []
    for name in chosen.names or ROWS:
        for row in ROWS[name]():
            rows.append(row)
            print(line(row), flush=True)
    if chosen.page:
        write(Path(chosen.page), rows, where)
    document = json.dumps(
        {"machine": where, "rows": [{**asdict(row), "fine": row.fine} for row in rows]}, indent=1
    )
    if chosen.json:
        Path(chosen.json).write_text(f"{document}\n", encoding="utf-8")
    else:
        print(document)


if __name__ == "__main__":
    main()
