"""The man pages are clean: groff has no warning about them, man shows them, and they say what they should.

usage: man_pages.py PROGRAM
"""
import os
import re
import shutil
import subprocess
import sys

NEEDED = {
    "devproxy.1": ["NAME", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES", "devproxy logs [OPTIONS] [SERVICE]",
                   "-f, --follow", "DEVPROXY_CONFIG", "devproxy.local.toml", "devproxy run -- npm run dev"],
    "devproxy.toml.5": ["NAME", "SERVICES: [services.NAME]", "strip_prefix", "[::1]:6289", "${NAME:-default}"],
}


def run(words, text):
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "100"}
    return subprocess.run(words, input=text, env=environment, text=True, capture_output=True, timeout=60)


def plain(shown):
    """Without the strokes that make letters bold, and with one space where there were many."""
    return re.sub(r"\s+", " ", re.sub(r".\x08|\x1b\[[0-9;]*m", "", shown)).replace("‐", "-")


def problems(page, text, needed):
    groff = run(["groff", "-man", "-ww", "-z"], text)
    if groff.returncode != 0 or groff.stderr or groff.stdout:
        yield f"{page}: groff: {groff.stderr.strip() or groff.stdout.strip()}"
    if not text.isascii():
        yield f"{page}: it is not plain ASCII"
    for words in (["groff", "-man", "-Tutf8"], ["man", "-l", "-"]):
        if words[0] == "man" and not shutil.which("man"):
            continue  # Debian's images leave it out
        shown = run(words, text)
        if shown.returncode != 0:
            yield f"{page}: {words[0]}: {shown.stderr.strip()}"
        missing = [part for part in needed if part not in plain(shown.stdout)]
        if missing:
            yield f"{page}: {words[0]} does not show {missing}"


def main():
    if not shutil.which("groff"):
        sys.exit("groff is missing: ./dev setup")
    good = ".TH X 1\n.SH NAME\nx \\- y\n"
    if list(problems("good", good, ["NAME"])) or len(list(problems("bad", good + ".XX\n\\[nothing]é\n", ["absent"]))) < 3:
        sys.exit("the rule itself is broken")
    found = []
    for page, needed in NEEDED.items():
        text = subprocess.run([sys.argv[1], "__man", page], text=True, capture_output=True, timeout=60, check=True).stdout
        found += problems(page, text, needed)
    print("\n".join(found) or "the man pages are clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
