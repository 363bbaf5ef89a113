"""The rows over TLS: HTTP/1.1 and HTTP/2 under load (h2load), handshakes, new names, memory of idle connections."""

import re
import subprocess
import time

import client
import machine
from rows import Row

HOST = "tls.bench.localhost"
KEYS = ("tls-h1", "tls-h2", "tls-fresh", "tls-download", "tls-idle", "tls-names")


def h2load(bench, candidate, path, requests, options):
    """Runs h2load on one candidate. Nanoseconds of the proxy's CPU, and what went wrong."""
    command = [machine.find("h2load"), f"--connect-to=127.0.0.1:{candidate.port}", "-n", str(requests), *options,
               f"https://{HOST}:{candidate.port}{path}"]
    before = machine.cpu_ns(candidate.pids())
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    spent = machine.cpu_ns(candidate.pids()) - before
    succeeded = re.search(r"(\d+) succeeded", done.stdout)
    good = int(succeeded.group(1)) if succeeded else 0
    return spent, [] if good == requests else [f"{requests - good} of {requests} requests failed"]


def load_row(bench, row, path, requests, options, per=None):
    started = [bench.kind(name)(bench, (HOST,), tls=True).start() for name in bench.tls_names]
    for candidate in started:  # upstream connections are warm, and every protocol has been spoken once
        h2load(bench, candidate, path, max(requests // 10, 4), options)
    for number in range(bench.rounds):
        for candidate in started[number % len(started):] + started[:number % len(started)]:
            spent, problems = h2load(bench, candidate, path, requests, options)
            row.add(candidate.name, spent / (per or 1000 * requests))
            for problem in problems:
                row.problem(candidate.name, problem)
            bench.say(f"{row.key} {number + 1}/{bench.rounds} {candidate.name}: {row.values[candidate.name][-1]:.2f} {row.unit}")
    for candidate in started:
        candidate.stop()
    return [row]


def fresh_row(bench):
    """Full handshakes without resumption, one request each, one after another."""
    row = Row("tls-fresh", "a full TLS 1.3 handshake with a request: CPU", "us", 0.95, relative=True, digits=0)
    started = [bench.kind(name)(bench, (HOST,), tls=True).start() for name in bench.tls_names]
    for number in range(bench.rounds):
        for candidate in started[number % len(started):] + started[:number % len(started)]:
            handshakes(candidate, HOST, 20)
            count = bench.handshakes
            row.add(candidate.name, handshakes(candidate, HOST, count) / count / 1000)
            bench.say(f"tls-fresh {number + 1}/{bench.rounds} {candidate.name}: {row.values[candidate.name][-1]:.0f} us")
    for candidate in started:
        candidate.stop()
    return [row]


def handshakes(candidate, hosts, count):
    """CPU of the proxy for `count` handshakes with a request each; `hosts`: one name, or one for each."""
    context = client.unverified()
    before = machine.cpu_ns(candidate.pids())
    for number in range(count):
        host = hosts if isinstance(hosts, str) else hosts[number]
        with client.connect_tls(candidate.port, host, context) as sock:
            sock.sendall(client.request(candidate.port, "/128", host))
            client.read_answer(sock)
    time.sleep(0.02)
    return machine.cpu_ns(candidate.pids()) - before


def names_row(bench):
    """What the certificate of a name that was never asked for adds to its first handshake."""
    row = Row("tls-names", f"first handshake for each of {bench.new_names} new names, beyond a known one's", "ms", 0.6)
    if "devproxy" in bench.tls_names:
        names = [f"n{number}.{HOST}" for number in range(bench.new_names)]
        candidate = bench.kind("devproxy")(bench, (HOST, f"*.{HOST}"), tls=True)
        candidate.hosts = [HOST]
        candidate.start()
        known = handshakes(candidate, names[0], bench.new_names)
        new = handshakes(candidate, names, bench.new_names)
        row.add("devproxy", (new - known) / bench.new_names / 1e6)
        bench.say(f"tls-names: {row.values['devproxy'][-1]:.3f} ms")
        candidate.stop()
    return [row]


def idle_row(bench):
    count = bench.idle_connections // 10
    row = Row("tls-idle", f"PSS per idle TLS connection ({count} of them)", "KiB", 20, digits=1)
    machine.raise_descriptor_limit(count + 200)
    context = client.unverified()
    for name in bench.tls_names:
        candidate = bench.kind(name)(bench, (HOST,), tls=True).start()
        time.sleep(bench.settle)
        before = machine.memory(candidate.pids(), "Pss")
        held = []
        for _ in range(count):
            sock = client.connect_tls(candidate.port, HOST, context)
            sock.sendall(client.request(candidate.port, "/128", HOST))
            client.read_answer(sock)
            held.append(sock)
        time.sleep(bench.settle)
        row.add(name, (machine.memory(candidate.pids(), "Pss") - before) / count)
        for sock in held:
            sock.close()
        bench.say(f"tls-idle {name}: {row.values[name][-1]:.1f} KiB")
        candidate.stop()
    return [row]


def measure(bench, wanted):
    works = {
        "tls-h1": lambda: load_row(bench, Row("tls-h1", "TLS, HTTP/1.1 keep-alive, 64 connections: CPU per request", "us",
                                              0.92, relative=True), "/128", bench.requests, ["--h1", "-c", "64"]),
        "tls-h2": lambda: load_row(bench, Row("tls-h2", "TLS, HTTP/2, 16 connections x 16 streams: CPU per request", "us",
                                              0.70, relative=True), "/128", bench.requests, ["-c", "16", "-m", "16"]),
        "tls-fresh": lambda: fresh_row(bench),
        "tls-download": lambda: load_row(bench, Row("tls-download", "64 MiB over TLS (4 at a time): CPU per GB", "s/GB",
                                                    1.0, relative=True), "/64m", 12, ["--h1", "-c", "4"],
                                         per=12 * (64 << 20)),
        "tls-idle": lambda: idle_row(bench),
        "tls-names": lambda: names_row(bench),
    }
    rows = []
    if wanted.intersection(works) and not machine.find("h2load"):
        raise machine.BenchError("h2load is missing; install it: apt-get install nghttp2-client")
    for key, work in works.items():
        if key in wanted:
            rows += work()
    return rows
