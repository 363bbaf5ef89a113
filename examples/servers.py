#!/usr/bin/env python3
"""Small servers to put behind devproxy: each NAME answers every path, telling what reached it.

usage: servers.py NAME=PORT… [-- COMMAND…]
With a COMMAND they end with it, and its exit code is ours; without, Ctrl-C ends them.
"""
import http.server
import json
import signal
import subprocess
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """Subclasses set `name`, and `page` when they have something to show to a browser."""

    protocol_version = "HTTP/1.1"
    name = ""
    page = None

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.page and "text/html" in self.headers.get("Accept", ""):
            return self.answer("text/html; charset=utf-8", self.page)
        said = {"service": self.name, "method": self.command, "path": self.path, "headers": dict(self.headers.items())}
        return self.answer("application/json", json.dumps(said, indent=2) + "\n")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def do_HEAD(self):
        self.answer("application/json", "")

    def answer(self, kind, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass  # devproxy prints the requests


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


def run(handlers, command):
    """Serves {port: handler class} on 127.0.0.1 and runs `command` meanwhile; returns the exit code."""
    for port, handler in handlers.items():
        try:
            server = Server(("127.0.0.1", port), handler)
        except OSError as error:
            print(f"servers.py: cannot listen on 127.0.0.1:{port} for {handler.name}: {error.strerror}", file=sys.stderr)
            return 1
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"{handler.name} listens on 127.0.0.1:{port}", flush=True)
    if not command:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
        return 0
    child = subprocess.Popen(command)
    # A terminal's Ctrl-C reaches the command by itself; a SIGTERM to us alone has to be passed on.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()


def main():
    words, dashes, command = sys.argv[1:], "--" in sys.argv, []
    if dashes:
        words, command = words[: words.index("--")], words[words.index("--") + 1 :]
    try:
        named = {int(port): name for name, port in (word.split("=") for word in words)}
    except ValueError:
        named = {}
    if not named:
        sys.exit(__doc__.strip())
    return run({port: type("Named", (Handler,), {"name": name}) for port, name in named.items()}, command)


if __name__ == "__main__":
    sys.exit(main())
