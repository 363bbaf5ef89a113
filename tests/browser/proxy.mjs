// The program under test, in the foreground on a port of its own, and the browser that looks at it.
import assert from "node:assert/strict";
import { request } from "node:http";
import { once } from "node:events";
import { chromium } from "playwright-core";
import { Process } from "./process.mjs";

/** What a child sees: nothing of this machine's own settings, and no colours. */
export function environment(home) {
  return { ...process.env, NO_COLOR: "1", HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
}

export function launch_browser(home) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
    env: environment(home),
  });
}

export class Proxy {
  /** `devproxy serve` on `file`, which asks for any free port. */
  static async start(file, home, env = environment(home)) {
    const proxy = new Proxy();
    proxy.process = new Process("devproxy", process.env.DEVPROXY_BINARY, ["serve", "--json", "-c", file],
      { env });
    try {
      const [line] = await proxy.process.line("its listeners", /^.*\n/);
      const { event, listeners } = JSON.parse(line);
      assert.equal(event, "listening");
      proxy.port = Number(new URL(`http://${listeners[0]}`).port);
    } catch (error) {
      await proxy.process.end();
      throw error;
    }
    return proxy;
  }

  origin(host) {
    return `http://${host}:${this.port}`;
  }

  /** The status that a GET without a browser gets, or the error's code. */
  async status(host, path = "/") {
    const asked = request({ host: "127.0.0.1", port: this.port, path, headers: { host, accept: "*/*" }, agent: false });
    asked.end();
    try {
      const [response] = await once(asked, "response");
      response.resume();
      await once(response, "end");
      return response.statusCode;
    } catch (error) {
      return error.code;
    }
  }

  /** The quiet end, which is part of what is tested: SIGTERM, then 0. */
  async end() {
    assert.equal(await this.process.end("SIGTERM"), 0, `devproxy did not end cleanly:\n${this.process.output}`);
  }
}
