"""Lets a real shell complete command lines: bash and zsh in a terminal, with the Tab key; fish by its own `complete -C`.

usage: complete.py bash|zsh|fish PROGRAM
"""
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

PATIENCE = 60  # seconds for all of it; only a failing test waits that long

FILE = "".join(f"[services.{name}]\nport = {4001 + i}\n" for i, name in enumerate(["web", "api", "web-next"]))

# The line, what must be offered, what must not.
CASES = [
    ("devproxy ", {"up", "status", "completion", "help"}, {"web", "__complete", "devproxy.toml"}),
    ("devproxy st", {"status"}, {"up"}),
    ("devproxy --", {"--version", "--json", "--config", "--help"}, {"--follow"}),
    ("devproxy --json -c devproxy.toml st", {"status"}, {"up"}),
    ("devproxy logs ", {"web", "api", "web-next"}, {"up", "devproxy.toml"}),
    ("devproxy logs web", {"web", "web-next"}, {"api"}),
    ("devproxy logs web ", set(), {"web", "api"}),
    ("devproxy logs --", {"--follow", "--lines", "--config"}, {"--free", "--version"}),
    ("devproxy logs -n 5 ", {"web", "api"}, set()),
    ("devproxy wait web ", {"api"}, set()),
    ("devproxy --json restart ", {"web", "api"}, set()),
    ("devproxy open a", {"api"}, {"web"}),
    ("devproxy up --log ", {"words", "json"}, {"web"}),
    ("devproxy serve --log=w", {"words"}, {"json"}),
    ("devproxy completion ", {"bash", "zsh", "fish"}, {"web"}),
    ("devproxy help wa", {"wait"}, {"up"}),
    ("devproxy explain -X P", {"POST", "PUT", "PATCH"}, {"GET"}),
    ("devproxy status ", set(), {"web", "up", "devproxy.toml"}),
    ("devproxy check oth", {"other.toml"}, {"devproxy.toml"}),
    ("devproxy check -c oth", {"other.toml"}, {"devproxy.toml"}),
    ("devproxy -c other.toml logs ", {"only"}, {"web"}),
    ("devproxy logs -c other.toml ", {"only"}, {"web"}),
    ("devproxy logs --config=other.toml ", {"only"}, {"web"}),
    ("devproxy -c ~/other.toml url ", {"only"}, {"web"}),
    ("devproxy -c broken.toml logs ", set(), {"web", "only"}),
    ("~/bin/devproxy url a", {"api"}, {"web"}),
    ("devproxy run ", {"--"}, {"web", "my-tool"}),
    ("devproxy run -- my-t", {"my-tool"}, {"web"}),
    ("devproxy run --name x -- my-tool oth", {"other.toml"}, {"my-tool"}),
    ("devproxy status -- ", set(), {"web", "up"}),
]

# Each writes what it would offer to descriptor 9, then "END", and changes nothing on the line.
BASH = """
PS1='' HISTFILE=
source <(devproxy completion bash)
report() {
  _devproxy "$@"
  printf '%s\\n' "${COMPREPLY[@]}" END >&9
  COMPREPLY=()
}
complete -F report devproxy
printf 'END\\n' >&9
"""

ZSH = """
PS1='' HISTFILE=
autoload -U compinit && compinit -u -D
source <(devproxy completion zsh)
zstyle ':completion:*' completer _complete
compadd() {
  local -a hits
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then
    builtin compadd "$@"
    return
  fi
  builtin compadd -O hits "$@"
  (( $#hits )) || return 1
  print -rl -- $hits >&9
}
report() {
  print END >&9
  compstate[insert]= compstate[list]=
  comppostfuncs=(report)  # they are called once
}
comppostfuncs=(report)
bindkey -e
bindkey '^I' complete-word
bindkey '^U' kill-whole-line
first() { print END >&9 }
precmd_functions=(first)
"""


# The same script, installed as the file of a function.
ZSH_INSTALLED = ZSH.replace("source <(devproxy completion zsh)\n", "").replace(
    "autoload -U compinit", "mkdir ~/functions\ndevproxy completion zsh >~/functions/_devproxy\nfpath=(~/functions $fpath)\nautoload -U compinit")


class Terminal:
    """A shell that believes that a person sits in front of it. It reports on descriptor 9."""

    def __init__(self, words, environment, folder):
        ours, theirs = os.pipe()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.dup2(theirs, 9)
            os.chdir(folder)
            os.execvpe(words[0], words, environment)
        os.close(theirs)
        self.reports = os.fdopen(ours)
        self.seen = b""
        threading.Thread(target=self.read, daemon=True).start()
        self.watch = threading.Timer(PATIENCE, os.kill, (self.pid, signal.SIGKILL))
        self.watch.start()

    def read(self):
        try:
            while chunk := os.read(self.terminal, 65536):
                self.seen += chunk
        except OSError:  # how Linux says that nobody is at the other end
            pass

    def type(self, text):
        os.write(self.terminal, text.encode())

    def until_end(self):
        reported = set()
        for line in self.reports:
            if line == "END\n":
                return reported
            reported.add(line.strip())
        raise AssertionError(f"the shell ended; it printed:\n{self.seen.decode(errors='replace')}")

    def end(self):
        self.watch.cancel()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def ask_terminal(words, setup, environment, folder):
    (folder / "setup").write_text(setup)
    shell = Terminal(words, {**environment, "TERM": "vt100"}, folder)
    try:
        shell.type(f"source '{folder}/setup'\n")
        shell.until_end()
        for line, *_ in CASES:
            shell.type(f"{line}\t")
            yield shell.until_end()
            shell.type("\x15")
    finally:
        shell.end()


def ask_fish(environment, folder):
    script = "devproxy completion fish | source\nfor line in $argv\n  complete -C $line\n  echo END\nend\n"
    done = subprocess.run(["fish", "--no-config", "-c", script, *(case[0] for case in CASES)], cwd=folder, env=environment,
                          text=True, capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    assert done.stderr == "", done.stderr
    offered = set()
    for line in done.stdout.splitlines():
        if line == "END":
            yield offered
            offered = set()
        else:
            offered.add(line.split("\t")[0].removeprefix("--log="))  # fish repeats what stands before the value


def ask(shell, environment, folder):
    """What is offered for each line, for each way in which the shell can load the script."""
    if shell == "fish":
        return [ask_fish(environment, folder)]
    if shell == "bash":
        return [ask_terminal(["bash", "--norc", "--noprofile", "-i"], BASH, environment, folder)]
    return [ask_terminal(["zsh", "-f", "-i"], setup, environment, folder) for setup in (ZSH, ZSH_INSTALLED)]


def problems(shell, program, folder):
    (folder / "bin").mkdir()
    (folder / "bin/devproxy").symlink_to(program)
    (folder / "bin/my-tool").write_text("#!/bin/sh\n")
    (folder / "bin/my-tool").chmod(0o755)
    (folder / "devproxy.toml").write_text(FILE)
    (folder / "other.toml").write_text("[services.only]\nport = 4001\n")
    (folder / "broken.toml").write_text("[services\n")
    environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder),
                   "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "LC_ALL": "C.UTF-8"}
    environment.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
    for way in ask(shell, environment, folder):
        answers = list(way)
        assert len(answers) == len(CASES), f"{len(answers)} answers to {len(CASES)} lines"
        for (line, wanted, unwanted), offered in zip(CASES, answers):
            if not wanted <= offered:
                yield f"{line!r}: {sorted(wanted - offered)} not among {sorted(offered)[:20]}"
            if unwanted & offered:
                yield f"{line!r}: {sorted(unwanted & offered)} is offered"


def main():
    shell, program = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    if not shutil.which(shell):
        sys.exit(f"{shell} is missing: ./dev setup")
    with tempfile.TemporaryDirectory() as folder:
        found = list(problems(shell, program, pathlib.Path(folder)))
    print("\n".join(found) or f"{shell} completes {len(CASES)} lines as it should")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
