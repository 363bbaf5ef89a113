"""The include rule of ARCHITECTURE.md: which folder may include which, which room of cli/ which, and through which door
third parties come in.

usage: includes.py REPOSITORY
"""
import fnmatch
import pathlib
import re
import sys
import tempfile

ALLOWED = {  # folder -> folders of ours that it may include, besides itself
    "base": set(),
    "config": {"base"},
    "certs": {"base"},
    "router": {"base", "config"},
    "proxy": {"base", "config", "router", "certs"},
    "services": {"base", "config"},
    "control": {"base"},
    "cli": {"base", "config", "certs", "router", "proxy", "services", "control"},
}
ROOMS = {  # room of cli/ -> rooms that it may include, besides itself: only such as stand above it
    "terminal": set(),
    "command_line": {"terminal"},
    "project": {"terminal", "command_line"},
    "ports": {"terminal", "project"},
    "running": {"terminal", "command_line", "project", "ports"},
    "reporters": {"terminal", "project", "running"},
    "attach": {"terminal", "project", "ports", "running"},
    "edge": {"terminal", "project", "running", "reporters", "attach"},
    "trust": {"terminal", "command_line", "project"},
    "setup": {"terminal", "project", "running"},
    "doctor": {"terminal", "project", "ports", "running", "trust"},
    "explain": {"terminal", "project", "ports", "running"},
    "init": set(),
    "commands": {"terminal", "command_line", "project", "ports", "running", "reporters", "edge", "trust", "setup", "doctor", "explain", "init"},
}
DOORS = [  # header -> the only files that may include it
    (r"uv\.h", ["base/*", "proxy/net/*", "proxy/dns/dns_responder*", "config/watch*", "services/child*", "services/foreground_job*", "services/guard*", "services/probe*", "control/control_server*", "control/control_link*"]),
    (r"llhttp.*", ["proxy/http/http1_*"]),
    (r"nghttp2/.*", ["proxy/http/http2_session*"]),
    (r"toml\+\+/.*|toml\.hpp", ["config/*.cc"]),
    (r"CLI/.*|CLI11.*", ["cli/command_line/args.cc"]),
    (r"nlohmann/.*", ["base/json.h"]),
    (r"base/json\.h", ["base/json.cc", "cli/*", "services/package_scripts.cc", "services/containers.cc", "control/protocol.cc"]),
    (r"spdlog/.*", ["base/log.cc"]),
    (r"openssl/.*", ["certs/*", "proxy/net/tls_*", "proxy/http/websocket_key.cc"]),
    (r"catch2/.*", []),
]
ONE_FILE = [r"toml\+\+/.*|toml\.hpp"]  # doors that are a single file
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def room_of(name):
    """Of a file: "cli/edge/edge.cc" is in "edge", "cli/run.cc" in none."""
    parts = name.split("/")
    return parts[1] if parts[0] == "cli" and len(parts) > 2 else None


def room_problem(name, header):
    """Files in no room put all of them together: they may include every room, and no room includes them."""
    room, target = room_of(name), room_of(header)
    if room is None or not header.startswith("cli/") or target == room or target in ROOMS.get(room, set()):
        return None
    return f'cli/{room} may not include {"cli/" + target if target else "what stands above all rooms"} ("{header}")'


def disorder(rooms):
    """Rows that name a room which does not stand above them. While there is none, there is no cycle."""
    known = list(rooms)
    return [f"the row of cli/{room} names {other}, which does not stand above it" for at, room in enumerate(known)
            for other in sorted(rooms[room]) if other not in known[:at]]


def problems(root):
    found = []
    behind_door = {door: set() for door in ONE_FILE}
    files = [f for folder in ALLOWED for kind in ("*.h", "*.cc") for f in sorted((root / folder).rglob(kind))]
    for file in files:
        name = file.relative_to(root).as_posix()
        folder = name.split("/")[0]
        if room_of(name) and room_of(name) not in ROOMS:
            found.append(f"{name}: cli/{room_of(name)} has no row here")
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, header = match.groups()
            where = f"{name}:{number}"
            target = header.split("/")[0]
            if quote == '"':
                if header == "generated/version.h":  # made by CMake
                    continue
                if target not in ALLOWED or not (root / header).exists():
                    found.append(f'{where}: "{header}" is not a header of ours, named from the root')
                elif target != folder and target not in ALLOWED[folder]:
                    found.append(f'{where}: {folder} may not include {target} ("{header}")')
                elif said := room_problem(name, header):
                    found.append(f"{where}: {said}")
                continue
            for door, doors in DOORS:
                if not re.fullmatch(door, header):
                    continue
                if not any(fnmatch.fnmatch(name, allowed) for allowed in doors):
                    found.append(f"{where}: <{header}> may only be included in {' '.join(doors) or 'no file yet'}")
                if door in behind_door:
                    behind_door[door].add(name)
    for door, users in behind_door.items():
        if len(users) > 1:
            found.append(f"<{door}> has more than one user: {' '.join(sorted(users))}")
    return found, len(files)


def prove_that_it_can_fail():
    bad = {
        "base/a.h": '#include "config/b.h"\n',
        "config/b.h": "#include <string>\n",
        "config/one.cc": "#include <toml++/toml.h>\n",
        "config/two.cc": "#include <toml++/toml.h>\n",
        "router/c.cc": "#include <uv.h>\n",
        "proxy/d.cc": '#include "cli/e.h"\n',
        "proxy/f.cc": "#include <llhttp/llhttp.h>\n",
        "proxy/http/http2_i.cc": "#include <nghttp2/nghttp2.h>\n",
        "proxy/g.cc": '#include "g.h"\n',
        "cli/e.h": "#include <spdlog/spdlog.h>\n",
        "cli/h.cc": "#include <openssl/ssl.h>\n",
        "cli/terminal/j.cc": '#include "cli/edge/ok.h"\n',
        "cli/edge/k.cc": '#include "cli/e.h"\n',
        "cli/edge/l.cc": "#include <CLI/App.hpp>\n",
        "cli/attic/m.cc": "#include <string>\n",
    }
    good = {
        "base/ok.cc": '#include <uv.h>\n\n#include "base/a.h"\n',
        "proxy/http/http1_ok.cc": "#include <llhttp/llhttp.h>\n",
        "cli/edge/ok.h": '#include "cli/terminal/ok.h"\n#include "cli/edge/ok_too.h"\n#include "base/a.h"\n',
        "cli/edge/ok_too.h": "#include <string>\n",
        "cli/terminal/ok.h": "#include <string>\n",
        "cli/ok.cc": '#include "cli/edge/ok.h"\n',
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**bad, **good}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        found = " ".join(problems(root)[0])
        guilty = set(bad) - {"config/b.h"}
        missed = [name for name in guilty if name not in found]
        blamed = [name for name in [*good, "config/b.h"] if name + ":" in found]
        if missed or blamed:
            sys.exit(f"the rule itself is broken: missed {missed}, blamed {blamed}")
    if disorder({"a": set(), "b": {"a"}}) or not disorder({"a": {"b"}, "b": {"a"}}):
        sys.exit("the rule itself is broken: it sees no cycle between rooms, or one that is not there")


def main():
    prove_that_it_can_fail()
    found, files = problems(pathlib.Path(sys.argv[1]))
    found += disorder(ROOMS)
    print("\n".join(found) or f"{files} files keep the include rule")
    return 1 if found or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
