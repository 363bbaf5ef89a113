"""A shell on a pseudo-terminal that runs `devproxy run -- cat`, stops it, goes on, and ends it.
argv: devproxy. Says what it saw last when something does not come."""
import os
import pty
import select
import sys
import time


def main():
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["PS1"] = "$ "
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    seen = b""

    def expect(text):
        nonlocal seen
        give_up = time.monotonic() + 20
        while text not in seen:
            if time.monotonic() > give_up or not select.select([terminal], [], [], 20)[0]:
                sys.exit(f"{text!r} did not come: {seen[-2000:]!r}")
            seen += os.read(terminal, 4096)
        seen = seen[seen.index(text) + len(text):]

    def type(text):
        os.write(terminal, text)

    type(b"%s run -- sh -c 'echo on-tty > /dev/tty; exec cat'\n" % sys.argv[1].encode())
    expect(b"on-tty\r\n")
    type(b"first\n")
    expect(b"first\r\nfirst\r\n")
    type(b"\x1a")
    expect(b"Stopped")
    # Of what is typed now nothing may go to cat.
    type(b"echo sh''ell\n")
    expect(b"shell\r\n")
    type(b"fg\n")
    expect(b"run -- sh")
    type(b"second\n")
    expect(b"second\r\nsecond\r\n")
    type(b"\x03")
    expect(b"$ ")
    type(b"echo code=$?\n")
    expect(b"code=130")
    type(b"exit\n")
    os.waitpid(pid, 0)
    print("all was well")


main()
