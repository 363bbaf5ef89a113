"""The JSON schema of devproxy.toml takes every example and every toml snippet of docs/config.md, and refuses what the program
refuses: unknown keys, wrong types, words that a key does not know.

usage: schema.py REPOSITORY PROGRAM
"""
import json
import pathlib
import re
import subprocess
import sys
import tomllib

try:
    import jsonschema
except ImportError:
    sys.exit("python3-jsonschema is missing: ./dev setup")

WRONG = {
    "an unknown key at the top": 'nmae = "x"',
    "an unknown key of a service": "[services.web]\nprot = 1",
    "an unknown key of a route": '[[routes]]\nservice = "web"\npaht = "/"',
    "a route without service": '[[routes]]\npath = "/"',
    "an unknown key of [proxy]": "[proxy]\nworkers = 2",
    "an unknown key of ready": '[services.web]\ncommand = "x"\nready = { htpp = "/" }',
    "an unknown key of follow": '[services.web]\nfollow = { folder = "x" }',
    "a certificate without key": '[proxy]\ntls = { cert = "x.pem" }',
    "an entry of listen without addr": '[proxy]\nlisten = [{ only = "tls" }]',
    "a word that https does not know": '[proxy]\nhttps = "yes"',
    "a port in words": '[services.web]\nport = "three"',
    "a duration without unit": '[services.web]\nport = 1\nhold = "10"',
    "a service's name in capitals": "[services.Web]\nport = 1",
}
RIGHT = {
    "variables in place of numbers and words": '[services.web]\nport = "${P}"\nhold = 0\n[proxy]\nhttps = "${H:-on}"',
    "every form of listen": '[proxy]\nlisten = ["127.0.0.1:1", { addr = "[::1]:1", only = "tls" }]',
    "one entry of listen": '[proxy]\nlisten = { addr = "127.0.0.1:1" }',
    "numbers in env": '[services.web]\ncommand = ["a", "b"]\nenv = { A = 1, B = true, C = "c" }',
    "access_log": '[proxy]\naccess_log = "full"',
}


def undescribed(schema, where="schema"):
    """Where a key or a definition has no description."""
    for part in ("properties", "definitions"):
        for name, inner in schema.get(part, {}).items():
            if not inner.get("description"):
                yield f"{where}.{name} has no description"
            yield from undescribed(inner, f"{where}.{name}")
            if part == "definitions" and inner.get("additionalProperties") is not False:
                yield f"{where}.{name} takes unknown keys"


def texts(root):
    for file in sorted((root / "examples").rglob("devproxy*.toml")):
        yield file.relative_to(root).as_posix(), file.read_text()
    page = (root / "docs/config.md").read_text()
    for number, block in enumerate(re.findall(r"^```toml\n(.*?)^```", page, re.M | re.S), 1):
        yield f"docs/config.md, block {number}", block
    yield from RIGHT.items()


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    printed = subprocess.run([sys.argv[2], "schema"], text=True, capture_output=True, timeout=60, check=True).stdout
    schema = json.loads(printed)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    found = list(undescribed(schema))
    count = 0
    for name, text in texts(root):
        count += 1
        found += [f"{name}: {error.json_path}: {error.message}" for error in validator.iter_errors(tomllib.loads(text))]
    found += [f"{name} is taken" for name, text in WRONG.items() if validator.is_valid(tomllib.loads(text))]
    committed = root / "examples/reference/devproxy.schema.json"
    if not committed.exists() or committed.read_text() != printed:
        found.append(f"{committed.relative_to(root)} is not what the program prints: devproxy schema > {committed.relative_to(root)}")
    print("\n".join(found) or f"the schema takes {count} files and refuses {len(WRONG)}")
    return 1 if found or count < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
