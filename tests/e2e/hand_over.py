#!/usr/bin/env python3
"""Plays systemd for handed_over_test.cc: binds sockets of 127.0.0.1, writes a devproxy.toml that listens on them and
becomes devproxy, with the sockets from descriptor 3 on.

usage: hand_over.py DEVPROXY FOLDER COUNT ROUTES   (in ROUTES and what is printed: @0@ is the port of the first socket)
"""
import os
import socket
import sys

program, folder, count, routes = sys.argv[1:]
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(count))]
ports = [each.getsockname()[1] for each in sockets]
listen = ", ".join(f'"127.0.0.1:{port}"' for port in ports)
if "[proxy]" not in routes:
    routes += f"\n[proxy]\nlisten = [{listen}]\n"
for index, port in enumerate(ports):
    routes = routes.replace(f"@{index}@", str(port))
file = os.path.join(folder, "devproxy.toml")
with open(file, "w", encoding="utf-8") as text:
    text.write('name = "t"\n' + routes)

held = [os.dup(each.fileno()) for each in sockets]  # dup2 below may close what it has not copied yet
high = [os.dup2(each, 100 + index, inheritable=False) for index, each in enumerate(held)]
for index, each in enumerate(high):
    os.dup2(each, 3 + index, inheritable=True)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(sockets))
os.environ["LISTEN_FDNAMES"] = ":".join("x" * len(sockets))
os.execv(program, [program, "serve", "--json", "-c", file])
