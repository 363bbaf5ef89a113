"""The rows that are not CPU time under one steady load: memory, starts, event streams, routes in bulk, reloads."""

import json
import os
import subprocess
import threading
import time

import client
import load_rows
import machine
from rows import Row

MIB = 1 << 20
reload_pause = 0.5  # seconds between a start and a reload


def memory_rows(bench, wanted):
    """PSS at rest and per idle keep-alive connection."""
    rest = Row("rest", "PSS at rest", "MiB", 6)
    idle = Row("idle", f"PSS per idle keep-alive connection ({bench.idle_connections} of them)", "B", 1024, digits=0)
    for name in bench.small_names:
        candidate = bench.kind(name)(bench).start()
        time.sleep(bench.settle)
        before = machine.memory(candidate.pids(), "Pss")
        rest.add(name, before / 1024)
        if "idle" in wanted and name != "relay":  # which holds two connections for each: too many descriptors
            with_all, failed = hold_connections(bench, candidate)
            idle.add(name, (with_all - before) * 1024 / bench.idle_connections)
            if failed:
                idle.problem(name, f"{failed} connections did not answer a second time")
        bench.say(f"memory {name}: {rest.values[name][-1]:.2f} MiB, {idle.cell(name)} B per connection")
        candidate.stop()
    return [rest, idle]


def hold_connections(bench, candidate):
    """PSS in KiB while all connections are open and idle after one request each, and how many then fail."""
    machine.raise_descriptor_limit(bench.idle_connections + 200)
    message = client.request(candidate.port, "/128")
    held, failed = [], 0
    try:
        for _ in range(bench.idle_connections):
            sock = client.connect(candidate.port)
            sock.sendall(message)
            client.read_answer(sock)
            held.append(sock)
        time.sleep(bench.settle)
        used = machine.memory(candidate.pids(), "Pss")
        for sock in held:
            try:
                sock.sendall(message)
                failed += client.read_answer(sock)[0] != 200
            except OSError:
                failed += 1
        return used, failed
    finally:
        for sock in held:
            sock.close()


def slow_row(bench, _wanted):
    """1 GiB through a reader that takes 128 MiB a second: what stays in the proxy."""
    size = bench.slow_size
    row = Row("slow", f"{size >> 20} MiB through a slow reader: growth of RSS", "MiB", 2)
    pattern = bytes(ord("a") + i % 26 for i in range(26 * 10240))
    for name in bench.small_names:
        candidate = bench.kind(name)(bench).start()
        time.sleep(bench.settle)
        before = machine.memory(candidate.pids(), "Rss")
        most, got = before, 0
        with client.connect(candidate.port) as sock:
            sock.sendall(client.request(candidate.port, f"/{size >> 20}m"))
            _, _, part = client.read_head(sock)
            begin, next_look = time.monotonic(), 0
            while part:
                at = got % 26
                if part != pattern[at:at + len(part)]:
                    row.problem(name, f"wrong bytes at {got}")
                got += len(part)
                if got >= next_look:
                    most = max(most, machine.memory(candidate.pids(), "Rss"))
                    next_look = got + 4 * MIB
                time.sleep(max(0.0, begin + got / (128 * MIB) - time.monotonic()))
                part = sock.recv(min(65536, size - got)) if got < size else b""
        if got != size:
            row.problem(name, f"{got} of {size} bytes arrived")
        row.add(name, (most - before) / 1024)
        bench.say(f"slow {name}: +{row.values[name][-1]:.2f} MiB")
        candidate.stop()
    return [row]


def first_answer_ms(candidate):
    """From just before the fork to the first proxied response."""
    begin = time.monotonic_ns()
    candidate.spawn()
    while not client.answers(candidate.port, candidate.hosts[-1]):
        if machine.has_ended(candidate.pid) or time.monotonic_ns() - begin > 60e9:
            raise machine.BenchError(f"{candidate.name} did not start; see its output: {candidate.log}")
        time.sleep(0.0002)
    return (time.monotonic_ns() - begin) / 1e6


def start_row(bench, _wanted):
    row = Row("start", "start to the first proxied response", "ms", 12, digits=1)
    for _ in range(bench.starts):
        for name in bench.small_names:
            candidate = bench.kind(name)(bench)
            row.add(name, first_answer_ms(candidate))
            candidate.stop()
    bench.say(f"start: {', '.join(f'{name} {row.cell(name)}' for name in row.values)} ms")
    return [row]


def sse_row(bench, _wanted):
    """How long after the backend sent the head of an event stream the client has it. Its event comes 20 ms later."""
    row = Row("sse", "SSE: head behind the backend's", "ms", 1)
    for name in bench.names:
        candidate = bench.kind(name)(bench).start()
        for _ in range(bench.streams):
            with client.connect(candidate.port) as sock:
                sock.sendall(client.request(candidate.port, "/sse"))
                _, fields, body = client.read_head(sock)
                now = time.monotonic_ns()
                row.add(name, (now - int(fields["x-sent-ns"])) / 1e6)
                if body:
                    row.problem(name, "the head came together with the event")
                while b"\r\n0\r\n\r\n" not in body:
                    part = sock.recv(65536)
                    if not part:
                        row.problem(name, "the stream broke off")
                        break
                    body += part
        bench.say(f"sse {name}: {row.cell(name)} ms")
        candidate.stop()
    return [row]


def routes_rows(bench, _wanted):
    """10,000 routes: start, reload to effective (by signal, and for devproxy by saving the file), CPU per request."""
    hosts = [f"h{number:05}.bench.localhost" for number in range(10_000)]
    start = Row("routes-start", "10,000 routes: start to the first proxied response", "ms", 40, digits=1)
    reload = Row("routes-reload", "10,000 routes: reload signal to the new route in force", "ms", 50, digits=1)
    save = Row("routes-save", "10,000 routes: file saved to the new route in force (watch and debounce)", "ms", None,
               digits=1)
    cpu = Row("routes-cpu", "10,000 routes: CPU per request against one route", "x", 1.05)
    for name in bench.routed_names:
        for _ in range(bench.starts):
            many = bench.kind(name)(bench, hosts, reloadable=False)
            start.add(name, first_answer_ms(many))
            many.stop()
        many = bench.kind(name)(bench, hosts, reloadable=True).start()
        for number in range(bench.starts):
            time.sleep(reload_pause)
            hosts_now = [*hosts, f"new{number}.bench.localhost"]
            time_reload(reload, many, hosts_now, by_signal=True)
            if name == "devproxy":
                time.sleep(reload_pause)
                time_reload(save, many, [*hosts_now, f"saved{number}.bench.localhost"], by_signal=False)
        many.stop()
        many = bench.kind(name)(bench, hosts).start()
        one = bench.kind(name)(bench, hosts[-1:]).start()
        options = ["--host", hosts[-1], *load_rows.get("/128", 128, 64)]
        costs = {one: [], many: []}
        for number in range(max(bench.rounds, 1)):
            for candidate in ((one, many) if number % 2 == 0 else (many, one)):
                result = load_rows.run_load(bench, candidate, options)
                for problem in result["problems"]:
                    cpu.problem(name, problem)
                costs[candidate].append(result["cpu_ns"] / max(result["done"], 1))
        for with_one, with_many in zip(costs[one], costs[many]):
            cpu.add(name, with_many / with_one)
        one.stop()
        many.stop()
        bench.say(f"routes {name}: start {start.cell(name)} ms, reload {reload.cell(name)} ms, CPU {cpu.cell(name)} x")
    return [start, reload, save, cpu]


def time_reload(row, candidate, hosts, by_signal):
    """From the signal (the file is already written), or from the save, until the last host answers, in ms."""
    candidate.hosts = hosts
    candidate.configure()
    begin = time.monotonic_ns()
    next_signal = begin if by_signal else float("inf")
    while True:
        waited = time.monotonic_ns() - begin
        if begin + waited >= next_signal:
            os.kill(candidate.pid, candidate.reload_signal)
            next_signal = begin + waited + 1e9 if candidate.loses_signals else float("inf")
        if client.answers(candidate.port, hosts[-1]):
            break
        if waited > 10e9:
            row.problem(candidate.name, f"{hosts[-1]} was not in force 10 s after the reload")
            return
        time.sleep(0.0005)
    row.add(candidate.name, (time.monotonic_ns() - begin) / 1e6)


def reload_row(bench, key, reloads, seconds):
    """Reloads in the middle of a full load, each seen to be in force: how many requests fail. No failure is excused."""
    row = Row(key, f"{reloads} reloads under full load: failed requests", "requests", 0, digits=0)
    effective = Row(f"{key}-ms", f"{reloads} reloads under full load: signal to the new route in force", "ms", None, digits=1)
    frames = Row(f"{key}-ws", f"{reloads} reloads under full load: WebSocket connections hurt", "connections", 0, digits=0)
    for name in bench.routed_names:
        for _ in range(bench.reload_rounds):
            candidate = bench.kind(name)(bench, reloadable=True).start()
            loads = {}
            threads = [run_beside(bench, loads, candidate, row, load_rows.get("/128", 128, 64), seconds),
                       run_beside(bench, loads, candidate, frames,
                                  ["--work", "websocket", "--path", "/ws", "--connections", "8"], seconds)]
            time.sleep(reload_pause)
            for number in range(reloads):
                begin = time.monotonic()
                time_reload(effective, candidate, ["bench.localhost", f"new{number}.bench.localhost"], by_signal=True)
                time.sleep(max(0.0, begin + (seconds - 2 * reload_pause) / reloads - time.monotonic()))
            for thread in threads:
                thread.join()
            candidate.stop()
            row.remarks.append(f"{name}: {kinds(loads[row.key])}")
            for loaded, result in loads.items():
                target = row if loaded == row.key else frames
                target.add(name, sum(result["failures"].values()))
                if result["done"] == 0:
                    target.problem(name, "nothing was done")
            bench.say(f"{key} {name}: {row.values[name][-1]:.0f} of {loads[row.key]['done']} requests failed, "
                      f"{frames.values[name][-1]:.0f} WebSockets hurt")
    return [row, frames, effective]


def kinds(result):
    """What failed, by kind, and out of how many."""
    failed = ", ".join(f"{count} {kind}" for kind, count in result["failures"].items())
    return f"{failed or 'nothing failed'} of {result['done']}"


def run_beside(bench, loads, candidate, row, options, seconds):
    command = [bench.program("bench_load"), "--port", str(candidate.port), "--seconds", str(seconds),
               "--warmup", str(bench.warmup), *options]

    def run():
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
        loads[row.key] = json.loads(done.stdout)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


GROUPS = {
    ("rest", "idle"): memory_rows,
    ("slow",): slow_row,
    ("start",): start_row,
    ("sse",): sse_row,
    ("routes",): routes_rows,
    ("reload10",): lambda bench, _: reload_row(bench, "reload10", 10, 5.0),
    ("reload50",): lambda bench, _: reload_row(bench, "reload50", 50, 10.0),
}


def measure(bench, wanted):
    rows = []
    for keys, group in GROUPS.items():
        if wanted.intersection(keys):
            rows += group(bench, wanted)
    return rows
