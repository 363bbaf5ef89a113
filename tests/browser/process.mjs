// Child processes of the browser tests, each a group of its own, so that a shell's children die with it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

/** Asks until `condition` gives something true, and gives that; after `limit` ms it fails and says what was missed. */
export async function until(what, condition, limit = 60_000) {
  const end = Date.now() + limit;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${limit / 1000} s in vain for ${what}`);
    await pause(20);
  }
}

export class Process {
  output = "";
  #child;
  #exit;

  constructor(name, command, args, options) {
    this.name = name;
    this.#child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    this.#exit = once(this.#child, "exit").catch((error) => [`${error.message}`]);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.output += text));
    }
    this.#child.stdout.on("data", (text) => (this.stdout = (this.stdout ?? "") + text));
  }

  get running() {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends the whole group and gives the exit code, or the signal that ended it. */
  async end(signal = "SIGKILL") {
    if (this.running) process.kill(-this.#child.pid, signal);
    const [code, killer] = await this.#exit;
    return code ?? killer;
  }

  async line(what, pattern) {
    return until(`${this.name} to print ${what}`, () => {
      const found = pattern.exec(this.stdout ?? "");
      if (!found && !this.running) throw new Error(`${this.name} ended instead of printing ${what}:\n${this.output}`);
      return found;
    });
  }
}
