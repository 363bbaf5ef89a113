"""A few plain requests over blocking sockets, for what is measured one at a time."""

import socket
import ssl


def connect(port, timeout=10):
    sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def unverified(alpn=()):
    """TLS without a look at the certificate: who the server is is not what is measured."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3  # nginx of Debian 12 speaks 1.2 unless it is told otherwise
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def connect_tls(port, host, context=None, timeout=10):
    return (context or unverified()).wrap_socket(connect(port, timeout), server_hostname=host)


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


def get(port, path, host="bench.localhost", fields="", timeout=10, tls=False):
    with (connect_tls(port, host, timeout=timeout) if tls else connect(port, timeout)) as sock:
        sock.sendall(request(port, path, host, fields))
        return read_answer(sock)


def answers(port, host="bench.localhost", path="/128", tls=False):
    """Whether a request on a new connection gets its 200."""
    try:
        return get(port, path, host, tls=tls)[0] == 200
    except (OSError, ConnectionError):
        return False
