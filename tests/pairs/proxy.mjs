// The program under test in the foreground, on any free port, with a home of its own: so it makes a CA of its own too.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { connect } from "node:tls";
import { Child } from "./process.mjs";

export function temporary_folder() {
  return mkdtemp(join(tmpdir(), "devproxy-pairs-"));
}

export class Proxy {
  /** `services` and `settings` are TOML; settings is what stands in [proxy], listen too unless one port will do. */
  static async start(folder, services, settings = 'listen = ["127.0.0.1:0"]') {
    const file = join(folder, "devproxy.toml");
    await writeFile(file, `name = "pairs"\n${services}\n[proxy]\n${settings}\n`);
    const env = { PATH: process.env.PATH, NO_COLOR: "1", HOME: folder, XDG_CONFIG_HOME: join(folder, "config"),
      XDG_STATE_HOME: join(folder, "state"), XDG_RUNTIME_DIR: folder,
      ...(process.env.ASAN_OPTIONS && { ASAN_OPTIONS: process.env.ASAN_OPTIONS }) };
    mkdirSync(join(folder, "state"), { recursive: true });
    const proxy = new Proxy();
    proxy.folder = folder;
    proxy.#child = new Child(process.env.DEVPROXY_BINARY, ["serve", "--json", "-c", file], { env });
    const { event, listeners } = JSON.parse(await proxy.#child.first_line());
    assert.equal(event, "listening", proxy.output);
    proxy.ports = listeners.map((address) => Number(new URL(`http://${address}`).port));
    [proxy.port] = proxy.ports;
    return proxy;
  }

  get output() {
    return this.#child.output;
  }

  /** The CA's certificate. It is made when it is first needed, so somebody may have to shake hands before it is there. */
  async ca() {
    const file = join(this.folder, "state/devproxy/ca.pem");
    if (!existsSync(file)) {
      const socket = connect({ host: "127.0.0.1", port: this.port, rejectUnauthorized: false });
      await once(socket, "secureConnect");
      socket.destroy();
    }
    return readFileSync(file);
  }

  signal(name) {
    this.#child.signal(name);
  }

  /** Its exit code, once it ended. */
  get ended() {
    return this.#child.ended;
  }

  /** The quiet end, which is part of what is tested: SIGTERM, then 0. */
  async end() {
    this.#child.signal("SIGTERM");
    assert.equal(await this.#child.ended, 0, `devproxy did not end cleanly:\n${this.output.slice(-8000)}`);
  }

  async kill() {
    this.#child.signal("SIGKILL");
    await this.#child.ended;
  }

  #child;
}

export function remove(folder) {
  return rm(folder, { recursive: true, force: true });
}
