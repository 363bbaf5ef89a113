// Strict-Transport-Security and Alt-Svc of a service would bind every other project on the same name or machine.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask_http1, ask_http2, dial, on_hosts, open_session, open_stage } from "./stage.mjs";

const poison = { "strict-transport-security": "max-age=31536000; includeSubDomains", "alt-svc": 'h3=":443"; ma=86400' };

for (const [name, setting, kept] of [["are removed", "", false], ["are kept with remove_hsts = false", "remove_hsts = false", true]]) {
  test(`HSTS and Alt-Svc of a service ${name}`, { timeout: 20_000 }, async (t) => {
    const stage = await open_stage(t, on_hosts("a.localhost"), () => `listen = ["127.0.0.1:0"]\n${setting}`);
    stage.answer = { ...poison, "x-other": "stays" };
    const { proxy } = stage;
    const authority = `a.localhost:${proxy.port}`;
    const tls = { ca: await proxy.ca(), servername: "a.localhost" };
    const h2 = { ...tls, ALPNProtocols: ["h2"] };
    for (const { status, headers } of [await ask_http1(await dial(proxy.port), authority),
      await ask_http1(await dial(proxy.port, { tls }), authority), await ask_http2(open_session(t, await dial(proxy.port)), authority),
      await ask_http2(open_session(t, await dial(proxy.port, { tls: h2 })), authority)]) {
      assert.deepEqual([status, headers["x-other"]], [200, "stays"]);
      for (const field of Object.keys(poison)) assert.equal(headers[field], kept ? poison[field] : undefined, field);
    }
  });
}
