"""The include rule of ARCHITECTURE.md: which folder may include which, and through which door third parties come in.

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
DOORS = [  # header -> the only files that may include it
    (r"uv\.h", ["base/*", "proxy/net/*", "proxy/dns/dns_responder*", "config/watch*", "services/child*", "services/foreground_job*", "services/guard*", "services/probe*", "control/control_server*", "control/control_link*"]),
    (r"llhttp.*", ["proxy/http/http1_*"]),
    (r"nghttp2/.*", ["proxy/http/http2_session*"]),
    (r"toml\+\+/.*|toml\.hpp", ["config/*.cc"]),
    (r"CLI/.*|CLI11.*", ["cli/*"]),
    (r"nlohmann/.*", ["base/json.h"]),
    (r"base/json\.h", ["base/json.cc", "cli/*", "services/package_scripts.cc", "services/containers.cc", "control/protocol.cc"]),
    (r"spdlog/.*", ["base/log.cc"]),
    (r"openssl/.*", ["certs/*", "proxy/net/tls_*", "proxy/http/websocket_key.cc"]),
    (r"catch2/.*", []),
]
ONE_FILE = [r"toml\+\+/.*|toml\.hpp"]  # doors that are a single file
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def problems(root):
    found = []
    behind_door = {door: set() for door in ONE_FILE}
    files = [f for folder in ALLOWED for kind in ("*.h", "*.cc") for f in sorted((root / folder).rglob(kind))]
    for file in files:
        name = file.relative_to(root).as_posix()
        folder = name.split("/")[0]
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
    }
    good = {"base/ok.cc": '#include <uv.h>\n\n#include "base/a.h"\n', "proxy/http/http1_ok.cc": "#include <llhttp/llhttp.h>\n"}
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


def main():
    prove_that_it_can_fail()
    found, files = problems(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or f"{files} files keep the include rule")
    return 1 if found or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
