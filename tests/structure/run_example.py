"""Runs an example as its README says and asks it what the README promises. The ports of the example are replaced by free
ones in a copy, so that nothing else on the machine matters.

usage: run_example.py REPOSITORY PROGRAM hello|seed|monorepo|fullstack
"""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

PATIENCE = 30  # seconds; only a failing test waits that long


class Run:
    """An example's servers and `devproxy up` in a copy of its folder."""

    def __init__(self, repository, program, name, folder):
        self.folder = pathlib.Path(folder) / name
        shutil.copytree(repository / "examples" / name, self.folder)
        shutil.copy(repository / "examples/servers.py", folder)
        self.use_free_ports()
        (self.folder / "devproxy.local.toml").write_text('[proxy]\nlisten = ["127.0.0.1:0"]\n')
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DEVPROXY_")}
        for variable in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
            environment[variable] = folder
        environment["DEVPROXY_LINGER"] = "0s"  # the proxy ends with its last project
        servers = [self.folder / "servers"] if (self.folder / "servers").exists() else []  # else devproxy runs them
        self.process = subprocess.Popen([*servers, program, "up"], cwd=self.folder, env=environment, text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.seen = []
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def use_free_ports(self):
        files = [file for file in (self.folder / "devproxy.toml", self.folder / "servers") if file.exists()]
        ports = set(re.findall(r"^(?:port|listen) = (\d+)", files[0].read_text(), re.M))
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in ports]
        for port, free in zip(sorted(ports), sockets):
            for file in files:
                file.write_text(re.sub(rf"\b{port}\b", str(free.getsockname()[1]), file.read_text()))
            free.close()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.seen.append(line.rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.seen.append(None)
            self.news.notify_all()

    def wait_for(self, pattern, start=0):
        """The first match in a line of output from the `start`-th on."""
        def look():
            hits = (re.search(pattern, line) for line in self.seen[start:] if line is not None)
            return next((hit for hit in hits if hit), None) or (None in self.seen)

        with self.news:
            found = self.news.wait_for(look, PATIENCE)
            if found in (True, False, None):
                raise AssertionError(f"no line matches {pattern!r}")
            return found

    def ask(self, host, path, accept="*/*", method="GET", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(method, path, body, headers={"Host": f"{host}:{self.port}", "Accept": accept})
        return connection.getresponse()

    def expect_service(self, host, path, service, seen_path):
        answer = self.ask(host, path)
        assert answer.status == 200, f"{host}{path}: {answer.status}"
        said = json.load(answer)
        assert (said["service"], said["path"]) == (service, seen_path), f"{host}{path}: {said}"
        return {name.lower(): value for name, value in said["headers"].items()}

    def start(self, name):
        url = self.wait_for(rf"https?://{re.escape(name)}:(\d+)")
        self.port = int(url.group(1))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.reader.join()
        return code


def hello(run):
    run.start("hello.localhost")
    page = run.ask("hello.localhost", "/", "text/html").read().decode()
    assert "Hello from web" in page, page
    headers = run.expect_service("hello.localhost", "/api/hello", "api", "/hello")
    assert headers["x-forwarded-prefix"] == "/api", headers
    assert headers["x-forwarded-host"].startswith("hello.localhost"), headers
    ticks = run.ask("hello.localhost", "/api/ticks")
    assert ticks.readline().startswith(b"data: "), "no event"
    mark = len(run.seen)
    file = run.folder / "devproxy.toml"
    file.write_text(file.read_text().replace('path = "/api"', 'path = "/v2"'))
    run.wait_for(r"[+~-] .*/v2", mark)
    run.expect_service("hello.localhost", "/v2/hello", "api", "/hello")
    assert run.ask("hello.localhost", "/api/hello").status == 200, "web answers what api gave up"


def seed(run):
    run.start("web.seed.localhost")
    run.expect_service("web.seed.localhost", "/a?b", "web", "/a?b")


def monorepo(run):
    run.start("shop.localhost")
    run.expect_service("shop.localhost", "/cart", "web", "/cart")
    run.expect_service("shop.localhost", "/apix", "web", "/apix")
    run.expect_service("shop.localhost", "/api/users", "api", "/api/users")
    run.expect_service("shop.localhost", "/docs/intro", "docs", "/intro")


def fullstack(run):
    run.start("fullstack.localhost")
    host = "fullstack.localhost"
    assert "<h1>Jobs</h1>" in run.ask(host, "/", "text/html").read().decode()
    added = run.ask(host, "/api/jobs", method="POST", body="sweep the 'floor'")
    assert added.status == 201, added.status
    number = json.load(added)["id"]
    run.wait_for(rf"worker \| did job {number}: sweep the 'floor'")
    assert json.load(run.ask(host, "/api/jobs"))[-1] == {"id": number, "name": "sweep the 'floor'", "done": 1}
    stable = int(re.search(r"^listen = (\d+)", (run.folder / "devproxy.toml").read_text(), re.M).group(1))
    with socket.create_connection(("127.0.0.1", stable), PATIENCE) as client, client.makefile("rw") as lines:
        lines.write("select count(*) from jobs where done\n")
        lines.flush()
        assert json.loads(lines.readline()) == {"rows": [[1]]}
    mark = len(run.seen)
    (run.folder / "devproxy.toml").write_text((run.folder / "devproxy.toml").read_text().replace("jobs.sqlite", "other.sqlite"))
    run.wait_for(r"db     \| database other.sqlite is open", mark)
    run.wait_for(r"worker \| waiting for jobs", mark)
    assert json.load(run.ask(host, "/api/jobs")) == [], "the other database is empty"


def main():
    repository, program, name = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
    # Between finding a port and listening on it somebody else may take it: then once more with others.
    for _ in range(5):
        with tempfile.TemporaryDirectory() as folder:
            run = Run(repository, program, name, folder)
            try:
                {"hello": hello, "seed": seed, "monorepo": monorepo, "fullstack": fullstack}[name](run)
                failure = None
            except (AssertionError, OSError, KeyError, ValueError) as error:
                failure = f"{type(error).__name__}: {error}"
            code = run.stop()
            output = "\n".join(line for line in run.seen if line is not None)
            if failure and "cannot listen on 127.0.0.1" in output:
                continue
            if failure or code != 0:
                sys.exit(f"{failure or 'the run failed'}; exit code {code}; what was printed:\n{output}")
            print(f"examples/{name} does what it says")
            return
    sys.exit("five times in a row somebody else took the port")


if __name__ == "__main__":
    main()
