// https = "redirect" and "off", and listeners that are for TLS or for plain text only.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ask_http1, ask_http2, dial, on_hosts, open_session, open_stage } from "./stage.mjs";

const patience = { timeout: 15_000 };

/** Says a TLS hello, and gives the code of what comes of it. */
async function refused_handshake(port, host) {
  try {
    (await dial(port, { host, tls: { rejectUnauthorized: false, servername: "a.localhost" } })).destroy();
  } catch (error) {
    return error.code;
  }
  return undefined;
}

test("https = redirect sends plain requests to https, and serves them there", { timeout: 30_000 }, async (t) => {
  const stage = await open_stage(t, on_hosts("a.localhost"), () => 'listen = ["127.0.0.1:0"]\nhttps = "redirect"');
  const { proxy } = stage;
  stage.answer = { "strict-transport-security": "max-age=31536000" };
  const authority = `a.localhost:${proxy.port}`;
  const location = `https://${authority}/deep/path%20?q=1&r=%2F`;
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  await t.test("over HTTP/1, with any method, and WebSockets too", patience, async () => {
    for (const [method, fields] of [["GET", ""], ["HEAD", ""], ["POST", "Content-Length: 0\r\n"], ["GET", upgrade]]) {
      const { status, headers } = await ask_http1(await dial(proxy.port), authority, "/deep/path%20?q=1&r=%2F", { method, fields });
      assert.deepEqual([status, headers.location], [308, location], method);
      assert.equal(headers["strict-transport-security"], undefined);
    }
  });
  await t.test("over HTTP/2, and RFC 8441's WebSockets too", patience, async (t) => {
    const session = open_session(t, await dial(proxy.port));
    await once(session, "remoteSettings");
    const websocket = { ":method": "CONNECT", ":protocol": "websocket", "sec-websocket-version": "13" };
    for (const more of [{}, { ":method": "HEAD" }, websocket]) {
      const { status, headers } = await ask_http2(session, authority, "/deep/path%20?q=1&r=%2F", more);
      assert.deepEqual([status, headers.location], [308, location]);
      assert.equal(headers["strict-transport-security"], undefined);
    }
  });
  await t.test("a host without a port gets this one", patience, async () => {
    const { headers } = await ask_http1(await dial(proxy.port), "a.localhost", "/x");
    assert.equal(headers.location, `https://a.localhost:${proxy.port}/x`);
  });
  await t.test("an unknown host is told nothing", patience, async () => {
    const { status, headers, body } = await ask_http1(await dial(proxy.port), "evil.example");
    assert.deepEqual([status, headers.location, body], [421, undefined, ""]);
  });
  await t.test("and https is served, without HSTS", patience, async (t) => {
    const ca = await proxy.ca();
    const tls = { ca, servername: "a.localhost" };
    const answers = [await ask_http1(await dial(proxy.port, { tls }), authority),
      await ask_http2(open_session(t, await dial(proxy.port, { tls: { ...tls, ALPNProtocols: ["h2"] } })), authority)];
    for (const { status, headers } of answers) {
      assert.equal(status, 200);
      assert.equal(headers["strict-transport-security"], undefined);
    }
  });
});

test("https = off refuses TLS at once and serves the rest", patience, async (t) => {
  const { proxy } = await open_stage(t, on_hosts("a.localhost"), () => 'listen = ["127.0.0.1:0"]\nhttps = "off"');
  const authority = `a.localhost:${proxy.port}`;
  assert.match(await refused_handshake(proxy.port), /^(ERR_SSL|ECONNRESET|EPROTO)/);
  assert.equal((await ask_http1(await dial(proxy.port), authority)).status, 200);
  assert.equal((await ask_http2(open_session(t, await dial(proxy.port)), authority)).status, 200);
});

test("a listener may be for TLS or for plain text only", patience, async (t) => {
  const { proxy } = await open_stage(t, on_hosts("a.localhost"), () => (
    'listen = [{ addr = "127.0.0.1:0", only = "tls" }, { addr = "127.0.0.2:0", only = "plain" }, "127.0.0.3:0"]'));
  const [tls_port, plain_port, both_port] = proxy.ports;
  const ca = await proxy.ca();
  const tls = { ca, servername: "a.localhost" };
  const ask = async (port, host, options) => ask_http1(await dial(port, { host, ...options }), `a.localhost:${port}`, "/x");
  assert.equal((await ask(tls_port, "127.0.0.1", { tls })).status, 200);
  const sent_away = await ask(tls_port, "127.0.0.1");
  assert.deepEqual([sent_away.status, sent_away.headers.location], [308, `https://a.localhost:${tls_port}/x`]);
  assert.equal((await ask(plain_port, "127.0.0.2")).status, 200);
  assert.match(await refused_handshake(plain_port, "127.0.0.2"), /^(ERR_SSL|ECONNRESET|EPROTO)/);
  assert.equal((await ask(both_port, "127.0.0.3")).status, 200);
  assert.equal((await ask(both_port, "127.0.0.3", { tls })).status, 200);
});

test("two listeners of one port number have rules of their own", patience, async (t) => {
  const { folder, proxy } = await open_stage(t, on_hosts("a.localhost"), () => 'listen = [{ addr = "127.0.0.1:0", only = "tls" }]');
  const { port } = proxy;
  const ca = await proxy.ca();
  const file = join(folder, "devproxy.toml");
  const before = await readFile(file, "utf8");
  await writeFile(file, before.replace("only = \"tls\" }", `only = "tls" }, { addr = "127.0.0.2:${port}", only = "plain" }`));
  const ask = async (host, options) => ask_http1(await dial(port, { host, ...options }), `a.localhost:${port}`, "/x");
  for (;;) {  // until the reload; the test's patience ends it
    const status = await ask("127.0.0.2").then((answer) => answer.status, () => 0);
    if (status === 200) break;
    await turn();
  }
  assert.equal((await ask("127.0.0.1", { tls: { ca, servername: "a.localhost" } })).status, 200);
  assert.equal((await ask("127.0.0.1")).status, 308);
  assert.match(await refused_handshake(port, "127.0.0.2"), /^(ERR_SSL|ECONNRESET|EPROTO)/);
});

test("a plain-only listener redirects to the port that takes TLS", patience, async (t) => {
  const { proxy } = await open_stage(t, on_hosts("a.localhost"), () => (
    'listen = [{ addr = "127.0.0.2:0", only = "plain" }, { addr = "127.0.0.1:0", only = "tls" }]\nhttps = "redirect"'));
  const [plain_port, tls_port] = proxy.ports;
  const { status, headers } = await ask_http1(await dial(plain_port, { host: "127.0.0.2" }), `a.localhost:${plain_port}`, "/x");
  assert.deepEqual([status, headers.location], [308, `https://a.localhost:${tls_port}/x`]);
});
