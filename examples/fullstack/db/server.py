"""A stand-in for a database server: a line of SQL in, a line of JSON out. usage: server.py FILE"""
import json
import os
import socketserver
import sqlite3
import sys
import threading

connection = sqlite3.connect(sys.argv[1], check_same_thread=False)
connection.execute("create table if not exists jobs (id integer primary key, name text not null, done integer not null default 0)")
lock = threading.Lock()


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            try:
                with lock, connection:
                    rows = connection.execute(line.decode()).fetchall()
                answer = {"rows": rows}
            except (sqlite3.Error, UnicodeDecodeError) as error:
                answer = {"error": str(error)}
            self.wfile.write(json.dumps(answer).encode() + b"\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server((os.environ["HOST"], int(os.environ["PORT"])), Session) as server:
    print(f"database {sys.argv[1]} is open", flush=True)
    server.serve_forever()
