"""At 400 lines a file holds two ideas (CONTRIBUTING.md). Exceptions are named here, each with its reason.

usage: long_files.py REPOSITORY
"""
import pathlib
import sys
import tempfile

LIMIT = 400
EXCEPTIONS = {}  # file -> why it may be longer


def problems(root):
    found = []
    for folder in ("base", "config", "router", "certs", "proxy", "services", "control", "cli"):
        for kind in ("*.h", "*.cc"):
            for file in sorted((root / folder).rglob(kind)):
                name = file.relative_to(root).as_posix()
                lines = len(file.read_text().splitlines())
                if lines > LIMIT and name not in EXCEPTIONS:
                    found.append(f"{name}: {lines} lines; find the two ideas inside and give each a file")
    found += [f"{name}: is listed as an exception but not there" for name in EXCEPTIONS if not (root / name).exists()]
    return found


def prove_that_it_can_fail():
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "proxy").mkdir()
        (pathlib.Path(folder) / "proxy/long.cc").write_text("//\n" * (LIMIT + 1))
        (pathlib.Path(folder) / "proxy/short.cc").write_text("//\n" * LIMIT)
        found = [line for line in problems(pathlib.Path(folder)) if "exception" not in line]
        if len(found) != 1 or "long.cc" not in found[0]:
            sys.exit(f"the rule itself is broken: {found}")


def main():
    prove_that_it_can_fail()
    found = problems(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or "no file is too long")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
