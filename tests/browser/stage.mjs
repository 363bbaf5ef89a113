// A stage: a copy of examples/vite in a temporary folder, its two servers, the proxy in front of them and a browser.
// Nothing of it outlives the test, and no port is fixed.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Process, until } from "./process.mjs";
import { environment, launch_browser, Proxy } from "./proxy.mjs";

const example = join(dirname(fileURLToPath(import.meta.url)), "../../examples/vite");

/** A port that nobody holds now, below the range from which the kernel hands out: a killed server gets it back. */
async function free_port() {
  for (let tries = 0; tries < 100; ++tries) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if ((await can_listen(port, "127.0.0.1")) && (await can_listen(port, "::1"))) return port;
  }
  throw new Error("no free port between 10000 and 30000 in 100 tries");
}

async function can_listen(port, host) {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    return error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT";  // no IPv6 here
  }
  server.close();
  await once(server, "close");
  return true;
}

async function copy_of_example(folder) {
  await cp(example, folder, { recursive: true, filter: (path) => !/node_modules|devproxy\.local\.toml/.test(path) });
  // Link by link and not the folder itself, so that Vite's cache belongs to this test alone.
  await mkdir(join(folder, "node_modules"));
  for (const name of await readdir(join(example, "node_modules"))) {
    if (name !== ".vite") await symlink(join(example, "node_modules", name), join(folder, "node_modules", name));
  }
}

export class Stage {
  hold = "60s";
  #generation = 0;
  #processes = [];
  #closed = false;

  /** Everything up and answering. The servers are started as their scripts in package.json say. */
  static async open(t) {
    const stage = new Stage();
    t.after(() => stage.clear());
    stage.folder = await mkdtemp(join(tmpdir(), "devproxy-browser-"));
    stage.app = join(stage.folder, "app");
    await copy_of_example(stage.app);
    stage.scripts = JSON.parse(await readFile(join(stage.app, "package.json"), "utf8")).scripts;
    stage.ports = { web: await free_port(), api: await free_port() };
    stage.web = stage.start("web");
    stage.api = stage.start("api");
    await stage.write_local();
    stage.proxy = await Proxy.start(join(stage.app, "devproxy.toml"), stage.folder);
    stage.#processes.push(stage.proxy.process);
    stage.origin = stage.proxy.origin("app.localhost");
    for (const path of ["/", "/api/hello"]) {
      await until(`a 200 for ${path}`, async () => (await stage.proxy.status("app.localhost", path)) === 200);
    }
    stage.browser = await launch_browser(stage.folder);
    return stage;
  }

  /** Starts "web" or "api" by its script, as npm would. */
  start(service) {
    const script = this.scripts[service === "web" ? "dev" : service];
    return this.#spawn(service, "sh", ["-c", script], { PORT: `${this.ports[service]}`,
      PATH: `${join(this.app, "node_modules/.bin")}:${process.env.PATH}` });
  }

  /** Writes devproxy.local.toml with a name that only this version routes: its answer proves that it is in force. */
  async write_local(extra = "") {
    this.#generation += 1;
    const text = `
[services.web]
port = ${this.ports.web}
hold = "${this.hold}"
[services.api]
port = ${this.ports.api}
hold = "${this.hold}"
[services.generation]
host = "generation-${this.#generation}.localhost"
redirect = "http://app.localhost"
[proxy]
listen = ["127.0.0.1:0"]
${extra}`;
    const file = join(this.app, "devproxy.local.toml");
    if (this.#generation % 2 === 0) {  // as some editors save, and as the others do
      await writeFile(`${file}~`, text);
      await rename(`${file}~`, file);
    } else {
      await writeFile(file, text);
    }
    return `generation-${this.#generation}.localhost`;
  }

  async reload() {
    const host = await this.write_local();
    await until(`${host} to be routed`, async () => (await this.proxy.status(host)) === 308);
  }

  /** A file with an unknown key changes nothing, and the key is named. */
  async reload_broken() {
    const key = `nonsense_${this.#generation}`;
    const host = await this.write_local(`${key} = 1`);
    await until(`the proxy to complain about ${key}`, () => this.proxy.process.output.includes(key));
    assert.equal(await this.proxy.status(host), 404, "a broken file was taken into force");
  }

  async close() {
    await this.browser.close();
    await this.proxy.end();
    this.#closed = true;
  }

  async clear() {
    if (!this.#closed) {  // the test failed: what the others said may tell why
      for (const { name, output } of this.#processes) console.error(`--- ${name} printed:\n${output.slice(-4000)}`);
    }
    await this.browser?.close();
    for (const child of this.#processes) await child.end();
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }

  #spawn(name, command, args, env) {
    const child = new Process(name, command, args, { cwd: this.app, env: { ...environment(this.folder), ...env } });
    this.#processes.push(child);
    return child;
  }
}
