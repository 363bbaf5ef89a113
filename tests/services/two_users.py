"""Two users of one machine, each with a devproxy of his own: the second one is told who has the usual port, takes the
next, keeps it, and sees nothing of the first. In a network namespace of its own, so that the usual port is free; as root.

usage: two_users.py PROGRAM; exit code 77: this system does not allow it
"""
import ctypes
import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
UP_AND_RUNNING = 0x1 | 0x40


def own_network():
    if os.geteuid() != 0 or ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        sys.exit(77)
    with socket.socket() as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", UP_AND_RUNNING, b""))


class User:
    def __init__(self, program, folder, uid, name):
        self.program, self.uid, self.home = program, uid, os.path.join(folder, name)
        os.mkdir(self.home, 0o700)
        with open(os.path.join(self.home, "devproxy.toml"), "w") as file:
            file.write(f'name = "{name}"\n[services.web]\nhost = "{name}.localhost"\nredirect = "https://{name}.example"\n')
        for path in (self.home, file.name):
            os.chown(path, uid, uid)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("DEVPROXY_")}
        for variable in ("HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            self.environment[variable] = self.home
        self.environment["DEVPROXY_LINGER"] = "0s"

    def start(self, *words):
        return subprocess.Popen([self.program, *words], cwd=self.home, env=self.environment, user=self.uid, group=self.uid,
                                extra_groups=[], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def up(self):
        self.process = self.start("up", "--json")
        return self.wait_for(lambda event: event.get("event") == "listening")["listeners"]

    def wait_for(self, wanted):
        for line in self.process.stdout:
            event = json.loads(line)
            if wanted(event):
                return event
        raise AssertionError("it ended")

    def run(self, *words):
        process = self.start(*words)
        return process.communicate()[0]

    def stop(self):
        # The proxy as well, so that the next start finds its port free.
        answer = json.loads(self.run("stop", "--json"))
        assert answer["schema"] == "devproxy.stop/v1", answer
        self.process.communicate()
        assert self.process.returncode == 0


def main():
    program = sys.argv[1]
    own_network()
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    try:
        program = shutil.copy(program, folder)  # where both may run it
        os.chmod(program, 0o755)
        anna, bob = User(program, folder, 61001, "anna"), User(program, folder, 61002, "bob")
        assert anna.up() == ["127.0.0.1:6289", "[::1]:6289"]
        assert bob.up() == ["127.0.0.1:6290", "[::1]:6290"]
        note = bob.wait_for(lambda event: "instead of 6289" in json.dumps(event))
        assert "devproxy of the user 61001" in json.dumps(note), note
        status = json.loads(bob.run("status", "--json"))
        assert "anna" not in json.dumps(status) and len(status["proxies"]) == 2, status
        # By way of the other's proxy neither sees the other's list.
        with socket.create_connection(("127.0.0.1", 6289)) as asker:
            asker.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
            assert b"HTTP/1.1" in asker.makefile("rb").read()
        anna.stop()
        bob.stop()
        assert bob.up() == ["127.0.0.1:6290", "[::1]:6290"], "it is remembered"
        bob.stop()
    finally:
        shutil.rmtree(folder)


main()
