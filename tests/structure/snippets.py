"""What is written is true: each example has a file that `devproxy check` takes and a short README; so do the ```toml
blocks of README.md and docs/; ```sh blocks name only commands that exist.

usage: snippets.py REPOSITORY PROGRAM
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("DEVPROXY_")}
README_LINES = 12


def check(program, file):
    """Nothing, or why `devproxy check` refuses the file."""
    done = subprocess.run([program, "check", "--config", file], cwd=file.parent, env=ENVIRONMENT, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    return None if done.returncode == 0 else f"exit code {done.returncode}\n{done.stdout}{done.stderr}"


def check_text(program, text):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "devproxy.toml"
        file.write_text(text)
        for name in re.findall(r'dir = "([\w./-]+)"', text):
            (file.parent / name).mkdir(parents=True, exist_ok=True)
        return check(program, file)


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def commands_in(text):
    return [word for block in blocks(text, "sh") for word in re.findall(r"^(?:\$ )?devproxy (\w+)", block, re.M)]


def known_commands(program):
    help_text = subprocess.run([program, "help"], env=ENVIRONMENT, text=True, capture_output=True, timeout=30, check=True)
    return set(re.findall(r"^\s+(?:devproxy )?(\w+)", help_text.stdout, re.M))


def examples(root, program):
    for folder in sorted(f for f in (root / "examples").iterdir() if f.is_dir() and f.name != "__pycache__"):
        name = f"examples/{folder.name}"
        for needed in ("devproxy.toml", "README.md"):
            if not (folder / needed).exists():
                yield f"{name} has no {needed}"
        if (folder / "README.md").exists():
            lines = [line for line in (folder / "README.md").read_text().splitlines() if line.strip()]
            if len(lines) > README_LINES:
                yield f"{name}/README.md: {len(lines)} lines; five say it, {README_LINES} at most"
        if (folder / "devproxy.toml").exists():
            why = check(program, folder / "devproxy.toml")
            if why:
                yield f"{name}/devproxy.toml: {why}"


def pages(root, program):
    commands = known_commands(program)
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md")), *sorted((root / "examples").glob("*/README.md"))]:
        name, text = page.relative_to(root).as_posix(), page.read_text()
        for number, block in enumerate(blocks(text, "toml"), 1):
            why = check_text(program, block)
            if why:
                yield f"{name}: toml block {number}: {why}"
        for command in commands_in(text):
            if command not in commands:
                yield f"{name}: there is no `devproxy {command}`"


def prove_that_it_can_fail(program):
    if check_text(program, "[services.web]\nport = 1\n") is not None:
        sys.exit("the rule itself is broken: a good file is refused")
    if check_text(program, "[services.web]\nprot = 1\n") is None:
        sys.exit("the rule itself is broken: a bad file passes")
    if commands_in("```sh\ndevproxy up\n$ devproxy fly\n```\n") != ["up", "fly"] or "up" not in known_commands(program):
        sys.exit("the rule itself is broken: commands are not found")


def main():
    root, program = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    prove_that_it_can_fail(program)
    found = [*examples(root, program), *pages(root, program)]
    print("\n".join(found) or "every example and snippet is understood")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
