"""A few plain requests over blocking sockets, for what is measured one at a time."""

import socket


def connect(port, timeout=10):
    sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def request(port, path, host="bench.localhost", fields=""):
    return f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{fields}\r\n".encode()


def read_head(sock):
    """The status, the fields (lower-case) and what already came of the body."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = sock.recv(65536)
        if not part:
            raise ConnectionError(f"closed after {len(received)} bytes of a head")
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
    return int(lines[0].split()[1]), fields, body


def read_answer(sock):
    """The status, and the whole body of an answer with a Content-Length."""
    status, fields, body = read_head(sock)
    size = int(fields.get("content-length", "0"))
    while len(body) < size:
        part = sock.recv(65536)
        if not part:
            raise ConnectionError(f"closed after {len(body)} of {size} bytes of a body")
        body += part
    return status, body


def get(port, path, host="bench.localhost", fields="", timeout=10):
    with connect(port, timeout) as sock:
        sock.sendall(request(port, path, host, fields))
        return read_answer(sock)


def answers(port, host="bench.localhost", path="/128"):
    """Whether a request on a new connection gets its 200."""
    try:
        return get(port, path, host)[0] == 200
    except (OSError, ConnectionError):
        return False
