"""What the bench asks the system: processes, their memory, free ports, cores, versions. Linux only."""

import os
import platform
import random
import resource
import shutil
import signal
import socket
import subprocess
import time


class BenchError(Exception):
    """Something that the person who runs the bench can mend; the text says how."""


def free_port():
    """A port on 127.0.0.1 that nobody has, outside the kernel's ephemeral range."""
    for _ in range(200):
        port = random.randint(20000, 31999)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise BenchError("no free port between 20000 and 31999 after 200 tries; end what listens there")


def process_tree(pid):
    """The process and all its descendants."""
    found, open_ = [], [pid]
    while open_:
        pid = open_.pop()
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as file:
                open_ += [int(child) for child in file.read().split()]
            found.append(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def memory(pids, name):
    """Sum of `name` (Pss, Rss) of the processes, in KiB, exact."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            total += next(int(line.split()[1]) for line in file if line.startswith(f"{name}:"))
    return total


def spawn(command, core, log, stdout=None):
    """Starts a program pinned to one core, its output in the file `log`. Returns its pid: end() ends it."""
    before = os.sched_getaffinity(0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    actions = [(os.POSIX_SPAWN_DUP2, output, 2),
               (os.POSIX_SPAWN_DUP2, output if stdout is None else stdout, 1)]
    try:
        os.sched_setaffinity(0, {core})  # inherited by the child
        return os.posix_spawnp(command[0], command, os.environ, file_actions=actions, setsigmask=[],
                               setsigdef=[signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT, signal.SIGTERM])
    finally:
        os.sched_setaffinity(0, before)
        os.close(output)


def has_ended(pid):
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def end(pid):
    """Ends a child that spawn() started, and what it started: asked first, killed after five seconds."""
    if has_ended(pid):
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if has_ended(pid):
            return
        time.sleep(0.002)
    for left in reversed(process_tree(pid)):
        os.kill(left, signal.SIGKILL)
    os.waitpid(pid, 0)


def raise_descriptor_limit(needed):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise BenchError(f"the hard limit of open files is {hard}, {needed} are needed; raise it (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else hard, hard))


def cpu_ns(pids):
    """User and system time of the processes, in nanoseconds: the kernel's clock of each (clock_getcpuclockid(3))."""
    return sum(time.clock_gettime_ns((~pid << 3) | 2) for pid in pids)


def stolen_ticks():
    """Time that the hypervisor took away from all cores, in ticks, and all ticks."""
    with open("/proc/stat") as file:
        numbers = [int(number) for number in file.readline().split()[1:9]]
    return numbers[7], sum(numbers)


def make_certificate(path, name):
    done = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                           "-days", "2", "-subj", "/CN=bench", "-addext", f"subjectAltName=DNS:{name}",
                           "-keyout", path + ".key", "-out", path + ".crt"],
                          capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        raise BenchError(f"openssl made no certificate: {done.stderr.strip()[-300:]}")
    with open(path, "w") as file:
        for part in (".crt", ".key"):
            with open(path + part) as half:
                file.write(half.read())


def find(program):
    """Where a program is, also in the folders that only root has in its PATH; None when it is missing."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return (done.stdout + done.stderr).strip().split("\n")[0]


def description():
    with open("/proc/cpuinfo") as file:
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    with open("/etc/os-release") as file:
        system = next(line.split("=")[1].strip().strip('"') for line in file if line.startswith("PRETTY_NAME"))
    return f"{len(models)} x {models[0]}, {system}, Linux {platform.release()}"
