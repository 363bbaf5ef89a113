"""The rows that are CPU time per piece of work under load: rounds over all candidates in turn, and medians."""

import json
import subprocess
from dataclasses import dataclass

import client
import machine
from rows import Row


@dataclass
class Work:
    key: str
    title: str
    limit: float
    options: list[str]
    per_gigabyte: bool = False
    latency: bool = False


def get(path, size, connections, *more):
    return ["--path", path, "--answer-size", str(size), "--connections", str(connections), *more]


WORKS = [
    Work("a64", "128 B keep-alive responses, 64 connections: CPU per request", 0.85, get("/128", 128, 64)),
    Work("ab64", "the same with 16 browser headers", 0.75, get("/128", 128, 64, "--browser")),
    Work("a512", "the same with 512 connections", 0.70, get("/128", 128, 512)),
    Work("ah64", "the same with 16 KiB responses", 0.75, get("/16k", 16384, 64)),
    Work("a1", "one connection: CPU per request", 1.10, get("/128", 128, 1), latency=True),
    Work("fresh", "a new connection per request (16 at a time): CPU per request", 1.05,
         get("/128", 128, 16, "--fresh")),
    Work("ws", "a WebSocket message there and back (64 connections): CPU", 1.05,
         ["--work", "websocket", "--path", "/ws", "--connections", "64"]),
    Work("download", "64 MiB download (4 at a time): CPU per GB", 1.0, get("/64m", 64 << 20, 4), per_gigabyte=True),
    Work("upload", "64 MiB upload (4 at a time): CPU per GB", 0.90,
         ["--work", "upload", "--upload-size", str(64 << 20), *get("/upload", 2, 4)], per_gigabyte=True),
]


def run_load(bench, candidate, options, seconds=None):
    """Runs the load generator on one candidate; its JSON, with "problems": what no valid number may have."""
    machine_options = ["--port", str(candidate.port), "--pids", ",".join(map(str, candidate.pids())),
                       "--seconds", str(seconds or bench.seconds), "--warmup", str(bench.warmup)]
    if "--host" not in options:
        machine_options += ["--host", candidate.hosts[0]]
    client.get(bench.backend_port, "/stats")
    done = subprocess.run([bench.program("bench_load"), *machine_options, *options], capture_output=True, text=True,
                          timeout=(seconds or bench.seconds) + 60, check=False)
    if done.returncode != 0:
        raise machine.BenchError(f"bench_load ended with {done.returncode}: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    stats = json.loads(client.get(bench.backend_port, "/stats")[1])
    result["problems"] = [f"{count} failed ({kind})" for kind, count in result["failures"].items()]
    if candidate.does_header_job and stats["violations"]:
        result["problems"].append(f"{stats['violations']} of {stats['sampled']} sampled requests without the header "
                                  f"job ({stats['last']})")
    if stats["sampled"] == 0 or result["done"] + result["bytes_in"] + result["bytes_out"] == 0:
        result["problems"].append("nothing was done")
    bench.note_cpu(result["cpu_ns"], result["cpu_ticks"])
    return result


def cost(work, result):
    """CPU microseconds per request, or CPU seconds per GB."""
    if work.per_gigabyte:
        return result["cpu_ns"] / max(result["bytes_in"], result["bytes_out"])
    return result["cpu_ns"] / 1000 / max(result["done"], 1)


def measure(bench, wanted):
    """All load rows that are wanted."""
    works = [work for work in WORKS if work.key in wanted]
    if not works:
        return []
    rows = []
    names = [name for name in bench.names if name != "haproxy-splice" or any(work.per_gigabyte for work in works)]
    started = [bench.kind(name)(bench).start() for name in names]
    for candidate in started:
        check_header_job(candidate)
    for work in works:
        rows += measure_work(bench, work, started)
    for candidate in started:
        candidate.stop()
    return rows


def measure_work(bench, work, started):
    row = Row(work.key, work.title, "s/GB" if work.per_gigabyte else "us", work.limit, relative=True)
    p50 = Row(f"{work.key}-p50", "one connection: p50", "us", work.limit, relative=True, digits=0)
    p99 = Row(f"{work.key}-p99", "one connection: p99", "us", work.limit, relative=True, digits=0)
    candidates = [one for one in started if work.per_gigabyte or one.name != "haproxy-splice"]
    busy = {}
    for number in range(bench.rounds):
        for candidate in candidates[number % len(candidates):] + candidates[:number % len(candidates)]:
            result = run_load(bench, candidate, work.options)
            row.add(candidate.name, cost(work, result))
            p50.add(candidate.name, result["p50_us"])
            p99.add(candidate.name, result["p99_us"])
            for problem in result["problems"]:
                row.problem(candidate.name, problem)
            busy.setdefault(candidate.name, []).append(result)
            bench.say(f"{work.key} {number + 1}/{bench.rounds} {candidate.name}: {cost(work, result):.2f} {row.unit}")
    row.remarks.append("; ".join(f"{name} {summary(work, results)}" for name, results in busy.items()))
    return [row, p50, p99] if work.latency else [row]


def summary(work, results):
    """Throughput and how busy the proxy's core was, so that idle time in a number can be seen."""
    wall = sum(result["wall_ns"] for result in results)
    used = 100 * sum(result["cpu_ns"] for result in results) / wall
    if work.per_gigabyte:
        size = sum(max(result["bytes_in"], result["bytes_out"]) for result in results)
        return f"{size / wall:.2f} GB/s, {used:.0f} %"
    return f"{sum(result['done'] for result in results) / wall * 1e6:.1f} k/s, {used:.0f} %"


def check_header_job(candidate):
    """One request with everything that must not get through, looked at closely before anything is measured."""
    if not candidate.does_header_job:
        return
    sent = ("X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: evil.example\r\nForwarded: for=203.0.113.9\r\n"
            "X-Forwarded-Prefix: /evil\r\nX-Request-Id: kept-as-it-is\r\nConnection: keep-alive\r\n"
            "Via: 1.1 before\r\n")
    status, body = client.get(candidate.port, "/head", fields=sent)
    head = body.decode("latin-1").lower()
    fields = [line.partition(":")[::2] for line in head.split("\r\n")[1:] if line]
    expected = {"host": f"bench.localhost:{candidate.port}", "x-forwarded-for": "127.0.0.1",
                "x-forwarded-proto": "http", "x-forwarded-host": f"bench.localhost:{candidate.port}",
                "x-forwarded-port": str(candidate.port), "x-request-id": "kept-as-it-is"}
    for name, value in expected.items():
        found = [found.strip() for known, found in fields if known == name]
        if status != 200 or found != [value]:
            raise machine.BenchError(f"{candidate.name} sent {name}: {found}, not {value}; see bench/candidates.py")
    via = ", ".join(value.strip() for name, value in fields if name == "via")
    if not via.startswith("1.1 before, 1.1 ") or "203.0.113.9" in head or "evil" in head:
        raise machine.BenchError(f"{candidate.name} does not do the header job; the backend got:\n{head}")
