// devproxy as a child process. However a test ends, by itself, by an exception, by a signal or because its time is up, its
// children end with it.
import { spawn } from "node:child_process";
import { once } from "node:events";

const alive = new Set();
process.on("exit", () => alive.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => process.exit(1));
setTimeout(() => {
  console.error("this test ran for 100 s, which is far too long");
  process.exit(1);
}, 100_000).unref();

export class Child {
  output = "";

  constructor(command, args, options) {
    this.#child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    alive.add(this.#child);
    this.ended = once(this.#child, "exit").then(([code, signal]) => {
      alive.delete(this.#child);
      return code ?? signal;
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.output += text));
    }
  }

  /** The first line of its standard output; fails with everything it printed when it ends before. */
  async first_line() {
    let text = "";
    const line = new Promise((resolve) => {
      this.#child.stdout.on("data", (more) => {
        text += more;
        if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
      });
    });
    const early = this.ended.then((how) => Promise.reject(new Error(`it ended with ${how}:\n${this.output}`)));
    return Promise.race([line, early]);
  }

  signal(name) {
    this.#child.kill(name);
  }

  #child;
}

export function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
