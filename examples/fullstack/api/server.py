"""GET /jobs lists them, POST /jobs adds the one that the body names. Where db is, devproxy says: DB_PORT."""
import http.server
import json
import os
import socket


def ask(sql):
    with socket.create_connection(("127.0.0.1", int(os.environ["DB_PORT"]))) as db, db.makefile("rw") as lines:
        lines.write(sql + "\n")
        lines.flush()
        answer = json.loads(lines.readline())
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer["rows"]


def quoted(text):
    return "'" + " ".join(text.split()).replace("\0", "").replace("'", "''") + "'"


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/healthz":
            return self.answer(200, ask("select count(*) from jobs")[0][0])
        if self.path == "/jobs":
            return self.answer(200, [dict(zip(("id", "name", "done"), row)) for row in ask("select * from jobs order by id")])
        return self.answer(404, f"there is no {self.path}")

    def do_POST(self):
        name = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path != "/jobs":
            return self.answer(404, f"there is no {self.path}")
        return self.answer(201, {"id": ask(f"insert into jobs (name) values ({quoted(name)}) returning id")[0][0]})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass  # devproxy prints the requests


http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Api).serve_forever()
