"""Runs PostgreSQL's server in a folder of its own, reached by psql and pgbench through stable TCP ports of devproxy: one
before its TCP port, one before its unix socket.

usage: postgres_test.py PROGRAM
"""
import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

PATIENCE = 60  # seconds; only a failing test waits that long
LINES = 300_000  # of a COPY: some 20 MB


def find(command):
    """On Debian the server's commands are not on the PATH."""
    found = shutil.which(command) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{command}"), reverse=True)), None)
    if found is None:
        sys.exit(f"{command} is missing: ./dev setup test")
    return found


def free_ports(count):
    """Free on 127.0.0.1 and [::1]."""
    taken = []
    while len(taken) < count:
        one = socket.create_server(("127.0.0.1", 0))
        try:
            taken.append((one, socket.create_server(("::1", one.getsockname()[1]), family=socket.AF_INET6)))
        except OSError:
            one.close()
    numbers = [one.getsockname()[1] for one, _ in taken]
    for pair in taken:
        for each in pair:
            each.close()
    return numbers


class Server:
    """PostgreSQL refuses to run as root: then it is nobody's."""

    def __init__(self, folder, port, start=True):
        self.folder = folder
        self.port = port
        self.drop = []
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.drop = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        self.run(find("initdb"), "-D", "data", "-U", "tester", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        if start:
            self.start()

    def run(self, *command):
        subprocess.run([*self.drop, *command], cwd=self.folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, timeout=PATIENCE)

    def control(self, *arguments):
        self.run(find("pg_ctl"), "-D", "data", "-l", "log", "-w", "-t", str(PATIENCE), *arguments)

    def start(self):
        self.control("start", "-o", f"-p {self.port} -k '{self.folder}' -c listen_addresses=127.0.0.1 -c fsync=off")

    def stop(self):
        self.control("stop", "-m", "fast")


class Proxy:
    def __init__(self, program, folder, text):
        file = folder / "devproxy.toml"
        file.write_text(text)
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
        self.process = subprocess.Popen([program, "serve", "-c", file], env=environment, text=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.lines = []
        self.is_up = threading.Event()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        if not self.is_up.wait(PATIENCE):
            raise AssertionError("devproxy does not say where it listens")

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if "-> db " in line:
                self.is_up.set()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.reader.join()
        return code


def psql_command(host, port):
    return [find("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", str(port), "-U", "tester", "-d", "postgres"]


def psql(host, port, *commands, text=""):
    arguments = [part for command in commands for part in ("-c", command)]
    done = subprocess.run(psql_command(host, port) + arguments, input=text, text=True, capture_output=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise AssertionError(f"psql on {host} port {port}: {done.stderr.strip()}")
    return done.stdout


def equal(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} is not {wanted!r}")


def queries(port):
    for host in ("127.0.0.1", "::1"):
        equal(f"a query on {host}", psql(host, port, "select 6 * 7"), "42\n")


def copies(port, table):
    """Much in, much out, and the same."""
    rows = "".join(f"{i}\t{i * 7919 % 1000003:064d}\n" for i in range(LINES))
    psql("127.0.0.1", port, f"create table {table} (id int, filler text)", f"copy {table} from stdin", text=rows)
    equal("what COPY brought back", psql("127.0.0.1", port, f"copy {table} to stdout"), rows)


def many_clients(port):
    bench = [find("pgbench"), "-h", "127.0.0.1", "-p", str(port), "-U", "tester", "postgres"]
    for arguments in (["-i", "-q", "-s", "1"], ["-c", "10", "-j", "2", "-t", "100", "-n"]):
        done = subprocess.run(bench[:1] + arguments + bench[1:], text=True, capture_output=True, timeout=PATIENCE)
        equal(f"pgbench {' '.join(arguments)}: {done.stderr.strip()}", done.returncode, 0)
    equal("transactions", psql("127.0.0.1", port, "select count(*) from pgbench_history"), "1000\n")


def cancels(port):
    """Ctrl-C in psql is a connection of its own to the same port."""
    client = subprocess.Popen(psql_command("127.0.0.1", port) + ["-c", "select pg_sleep(600)"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    running = "select count(*) from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active'"
    while psql("127.0.0.1", port, running) != "1\n":
        pass
    client.send_signal(signal.SIGINT)
    _, errors = client.communicate(timeout=PATIENCE)
    equal("a cancelled query", "canceling statement due to user request" in errors, True)


def restarts(server, port):
    """A client that comes while the server is away waits for it. A server that listens may still be starting up: then it
    says so itself, which no proxy can know."""
    session = subprocess.Popen(psql_command("127.0.0.1", port), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    session.stdin.write("select 'open';\n")
    session.stdin.flush()
    equal("a session", session.stdout.readline(), "open\n")
    server.stop()
    waiting = subprocess.Popen(psql_command("127.0.0.1", port) + ["-c", "select 'back'"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _, errors = session.communicate("select 1;\n", timeout=PATIENCE)
    equal("the end of a session", "terminating connection due to administrator command" in errors, True)
    equal("whether a client waits", waiting.poll(), None)
    server.start()
    answer, errors = waiting.communicate(timeout=PATIENCE)
    equal("a client that waited", answer == "back\n" or "the database system is starting up" in errors, True)
    equal("a later client", psql("127.0.0.1", port, "select 1"), "1\n")


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="devproxy-pg-") as folder:
        folder = pathlib.Path(folder)
        (folder / "server").mkdir()
        os.chmod(folder, 0o755)
        inner, by_port, by_socket = free_ports(3)
        server = Server(folder / "server", inner)
        try:
            proxy = Proxy(program, folder, f"""
[services.db]
port = {inner}
listen = {by_port}
[services.socket]
url = "unix:{folder}/server/.s.PGSQL.{inner}"
listen = {by_socket}
[proxy]
listen = ["127.0.0.1:0"]
""")
            try:
                for port, name in ((by_port, "rows_by_port"), (by_socket, "rows_by_socket")):
                    queries(port)
                    copies(port, name)
                many_clients(by_port)
                cancels(by_socket)
                restarts(server, by_port)
            finally:
                code = proxy.stop()
            equal("how devproxy ended", code, 0)
            ended = [line for line in proxy.lines if " TCP " in line]
            equal("connections in the access log", len(ended) > 20, True)
        except BaseException:
            print((folder / "server/log").read_text(), file=sys.stderr)
            raise
        finally:
            server.stop()


if __name__ == "__main__":
    main()
