"""Lets devproxy run PostgreSQL itself: on a port that nobody chose, behind a stable one, restarted, killed, started again.

usage: command_test.py PROGRAM
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from postgres_test import PATIENCE, Proxy, Server, equal, find, free_ports, psql


def config(server, stable):
    words = [*server.drop, find("postgres"), "-D", "data", "-p", "{port}", "-k", "", "-c", "listen_addresses=127.0.0.1",
             "-c", "fsync=off"]
    return f"""
[services.db]
command = {json.dumps(words)}
dir = "server"
ready = {{ log = "ready to accept connections" }}
stop_signal = "SIGINT"
listen = {stable}
[proxy]
listen = ["127.0.0.1:0"]
"""


def ask(program, folder, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    return subprocess.run([program, *words], cwd=folder, env=environment, text=True, capture_output=True, timeout=PATIENCE)


def query(*arguments):
    """As psql, once the server is through with what it does after it has begun to listen."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return psql(*arguments)
        except AssertionError as error:
            if "the database system is starting up" not in str(error) or time.monotonic() > give_up:
                raise


def is_running(pid_file):
    """Whether the server that wrote the file lives; zombies that nobody reaps do not count."""
    try:
        pid = int(pid_file.read_text().split()[0])
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, IndexError, ProcessLookupError):
        return False


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="devproxy-pg-") as folder:
        folder = pathlib.Path(folder)
        (folder / "server").mkdir()
        os.chmod(folder, 0o755)
        (stable,) = free_ports(1)
        server = Server(folder / "server", 0, start=False)
        pid_file = folder / "server/data/postmaster.pid"
        proxy = Proxy(program, folder, config(server, stable))
        try:
            # The first client is there before the server: it is held.
            equal("a query", query("127.0.0.1", stable, "create table kept (n int)", "insert into kept values (42)", "select n from kept"), "42\n")
            before = int(pid_file.read_text().split()[0])
            done = ask(program, folder, "restart", "db", "--json")
            equal(f"restart: {done.stderr}", done.returncode, 0)
            equal("whether another server answers", json.loads(done.stdout)["pid"] != before, True)
            equal("a query after the restart", query("::1", stable, "select n from kept"), "42\n")
            # kill -9 takes the server along, which recovers at the next start.
            proxy.process.kill()
            proxy.stop()
            while is_running(pid_file):
                pass
            proxy = Proxy(program, folder, config(server, stable))
            done = ask(program, folder, "wait", "db", "--timeout", f"{PATIENCE}s")
            equal(f"wait: {done.stderr}", done.returncode, 0)
            equal("a query after kill -9", query("127.0.0.1", stable, "select n from kept"), "42\n")
            equal("how devproxy ended", proxy.stop(), 0)
            equal("whether the server shut down cleanly", pid_file.exists(), False)
        except BaseException:
            print("\n".join(proxy.lines), file=sys.stderr)
            raise
        finally:
            proxy.process.kill()


if __name__ == "__main__":
    main()
