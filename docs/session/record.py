#!/usr/bin/env python3
"""Records the life of a few projects with the real program: session.cast (asciinema v2) and session.svg, beside this file.

usage: docs/session/record.py DEVPROXY    for example build/release/devproxy

Two terminals stand above each other: `devproxy up` above, a shell below. What is typed is in story(); everything else is what
the programs printed, as it came. It runs in /tmp/demo, which must not exist and is shown as ~, with the usual port 6289.
"""
import fcntl
import json
import os
import pty
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import time

from drawing import Pane, write_cast, write_svg

HOME = "/tmp/demo"
COLUMNS = 96
HERE = os.path.dirname(os.path.abspath(__file__))

APP = """\
import http.server, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.endswith('crash'):
            print('panic: the order book is gone', flush=True)
            os._exit(1)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f'{sys.argv[1]}, from ~/{os.path.basename(os.getcwd())}\\n'.encode())
    def log_message(self, *words):
        pass

port = int(os.environ['PORT'])
server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
print(f'{sys.argv[1]} listens on {port}', flush=True)
server.serve_forever()
"""

SHOP = """\
[services.web]
host = "shop.localhost"
command = "python3 app.py web"

[services.api]
host = "shop.localhost"
path = "/api"
command = "python3 app.py api"
"""

BLOG = """\
[services.site]
host = "blog.localhost"
command = "python3 app.py site"
"""


class Terminal:
    """A pane with a shell's folder and the program that runs in it."""

    def __init__(self, session, rows):
        self.session, self.pane = session, Pane(rows, COLUMNS)
        self.folder, self.master, self.process = HOME, None, None
        self.prompted = False

    def prompt(self):
        place = self.folder.replace(HOME, "~", 1)
        self.pane.prompt(self.session.now(), f"{place} $ ")
        self.prompted = True

    def type(self, words):
        if not self.prompted:
            self.prompt()
        self.session.advance(0.4)
        began = self.session.now()
        self.session.advance(0.035 * len(words))
        self.pane.typed(words, began, self.session.now())
        self.prompted = False

    def start(self, words):
        """Types a command and runs it; the folder that it leaves the shell in is the next one's."""
        self.type(words)
        self.session.advance(0.15)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.pane.rows, COLUMNS, 0, 0))
        self.where, where = os.pipe()
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f"{words}\npwd >&{where}"], cwd=self.folder, env=self.session.environment, stdin=slave, stdout=slave,
            stderr=slave, pass_fds=[where], preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
        os.close(slave)
        os.close(where)
        self.session.selector.register(self.master, selectors.EVENT_READ, self)

    def run(self, words, pause=1.2):
        self.start(words)
        self.finish(pause)

    def finish(self, pause=1.2):
        self.session.until(lambda: self.master is None)
        self.process.wait()
        self.process = None
        folder = os.read(self.where, 4096).decode().strip()
        os.close(self.where)
        self.folder = folder or self.folder
        self.prompt()
        self.session.advance(pause)

    def say(self, words):
        self.type("# " + words)
        self.prompt()
        self.session.advance(0.5)

    def read(self):
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        if data:
            self.pane.feed(data.decode(errors="replace").replace(HOME, "~"), self.session.now())
            return
        self.session.selector.unregister(self.master)
        os.close(self.master)
        self.master = None


class Session:
    def __init__(self, program):
        self.selector = selectors.DefaultSelector()
        self.began = time.monotonic()
        path = os.path.dirname(os.path.abspath(program))
        self.environment = {"HOME": HOME, "PATH": f"{path}:/usr/local/bin:/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8",
                            "XDG_RUNTIME_DIR": HOME + "/run", "XDG_STATE_HOME": HOME + "/state", "XDG_CONFIG_HOME": HOME + "/config",
                            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
                            "GIT_COMMITTER_EMAIL": "a@b"}

    def now(self):
        return time.monotonic() - self.began

    def turn(self, limit):
        for key, _ in self.selector.select(max(limit, 0)):
            key.data.read()

    def advance(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.selector.get_map():
                self.turn(left)
            else:
                time.sleep(left)

    def until(self, come, limit=30):
        end = time.monotonic() + limit
        while not come():
            if time.monotonic() > end:
                raise SystemExit("record: what was waited for has not come")
            self.turn(0.05)

    def run(self, words, folder):
        return subprocess.run(words, cwd=folder, env=self.environment, check=True, capture_output=True, text=True).stdout


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def prepare(session):
    for name, text in (("shop", SHOP), ("blog", BLOG)):
        write(f"{HOME}/{name}/devproxy.toml", text)
        write(f"{HOME}/{name}/app.py", APP)
    os.makedirs(HOME + "/run", 0o700)
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "begin"]):
        session.run(["git", *words], HOME + "/shop")


def pid_of_proxy(session):
    proxies = json.loads(session.run(["devproxy", "status", "--json"], HOME))["proxies"]
    return next(proxy["pid"] for proxy in proxies if proxy["shared"])


def story(session, above, below):
    above.folder = below.folder = HOME + "/shop"
    above.run("cat devproxy.toml", 1.5)
    above.start("devproxy up")
    session.until(lambda: above.pane.text().count("is ready after") == 2)
    session.advance(1.5)
    below.run("curl shop.localhost:6289/api/orders")

    below.say("a second project joins the same proxy")
    below.run("cd ../blog && devproxy up -d", 2)
    below.run("curl blog.localhost:6289")

    below.say("a worktree has names and ports of its own")
    below.run("cd ../shop && git worktree add -q ../fix-ui && cd ../fix-ui && devproxy up -d", 2)
    below.run("curl shop-fix-ui.localhost:6289/api/orders")

    below.say("saving the file is a reload; a rollback is the way back")
    below.run("cd ../shop && sed -i 's,\"/api\",\"/v2\",' devproxy.toml", 2)
    below.run("devproxy rollback", 2)
    below.run("devproxy history", 3)
    below.run("devproxy reload", 1.5)

    below.say("a service crashes: the next request waits until it is there again")
    below.run("curl -fsS shop.localhost:6289/v2/crash; curl shop.localhost:6289/v2", 2)

    below.say("even the proxy may be killed")
    below.run(f"kill -9 {pid_of_proxy(session)}; sleep 1; curl blog.localhost:6289", 1.5)

    below.run("devproxy down", 0)
    above.finish(0.5)
    below.run("devproxy stop", 4)


def main():
    if len(sys.argv) != 2 or os.path.basename(sys.argv[1]) != "devproxy":
        raise SystemExit(__doc__)
    if os.path.exists(HOME):
        raise SystemExit(f"record: {HOME} is there already; remove it")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 6289)) == 0:
            raise SystemExit("record: somebody listens on 6289: devproxy status shows who; stop it first")
    session = Session(sys.argv[1])
    above, below = Terminal(session, 17), Terminal(session, 15)
    try:
        prepare(session)
        story(session, above, below)
    finally:
        subprocess.run(["devproxy", "stop"], env=session.environment, capture_output=True, check=False)
        for terminal in (above, below):
            if terminal.process and terminal.process.poll() is None:
                terminal.process.send_signal(signal.SIGTERM)
                terminal.process.wait()
        shutil.rmtree(HOME, ignore_errors=True)
    panes, length = [above.pane, below.pane], session.now()
    write_cast(f"{HERE}/session.cast", panes, length)
    write_svg(f"{HERE}/session.svg", panes, length)
    print(f"{length:.0f} s: {HERE}/session.cast, session.svg")


if __name__ == "__main__":
    main()
