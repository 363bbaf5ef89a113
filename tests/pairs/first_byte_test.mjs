// One port for everything: the first byte tells TLS from plain text, the preface tells HTTP/2 from HTTP/1.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ask_http1, ask_http2, dial, on_hosts, open_session, open_stage, read_all } from "./stage.mjs";

test("one port speaks everything", { timeout: 60_000 }, async (t) => {
  const { proxy } = await open_stage(t, on_hosts("a.localhost"));
  const ca = await proxy.ca();
  const authority = `a.localhost:${proxy.port}`;
  const patience = { timeout: 10_000 };

  await t.test("HTTP/1 and HTTP/2, plain and over TLS, each on its own connection", patience, async (t) => {
    for (const alpn of [undefined, ["http/1.1"], ["h2"]]) {
      const tls = { ca, servername: "a.localhost", ALPNProtocols: alpn };
      const [plain, encrypted] = [await dial(proxy.port), await dial(proxy.port, { tls })];
      for (const [socket, proto] of [[plain, "http"], [encrypted, "https"]]) {
        const answer = alpn?.[0] === "h2" ? await ask_http2(open_session(t, socket), authority) : await ask_http1(socket, authority);
        assert.equal(answer.status, 200);
        assert.deepEqual([JSON.parse(answer.body).host, JSON.parse(answer.body).proto], [authority, proto]);
      }
    }
  });

  await t.test("a connection may begin byte by byte", patience, async () => {
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");
    const settings = await begin_slowly(proxy.port, preface);
    const [bytes] = await once(settings, "data");
    assert.equal(bytes[3], 4, "the first frame is SETTINGS");
    settings.destroy();
    const request = await begin_slowly(proxy.port, Buffer.from(`GET / HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`));
    assert.match(await read_all(request), /^HTTP\/1\.1 200 /);
    const propfind = await begin_slowly(proxy.port, Buffer.from(`PROPFIND / HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`));
    assert.match(await read_all(propfind), /^HTTP\/1\.1 200 /, "a method that begins like the preface");
  });

  await t.test("a ClientHello may come byte by byte", patience, async (t) => {
    const inner = connect(proxy.port, "127.0.0.1");
    inner.setNoDelay();
    await once(inner, "connect");
    const slow = new Duplex({
      read() {},
      async write(bytes, _, done) {
        for (const byte of bytes) {
          inner.write(Buffer.from([byte]));
          await turn();
        }
        done();
      },
      final(done) { inner.end(done); },
    });
    inner.on("data", (bytes) => slow.push(bytes)).on("end", () => slow.push(null)).on("error", () => {});
    t.after(() => inner.destroy());
    const socket = await dial(undefined, { host: undefined, tls: { socket: slow, ca, servername: "a.localhost" } });
    assert.equal((await ask_http1(socket, authority)).status, 200);
  });

  await t.test("what is none of them gets a 400 and an end", patience, async () => {
    for (const beginning of ["SSH-2.0-OpenSSH_9.2\r\n", "\x80\x2e\x01\0\x02", "\0\0\0\0"]) {
      const socket = await dial(proxy.port);
      socket.write(Buffer.from(beginning, "latin1"));
      socket.end();
      assert.match(await read_all(socket), /^(HTTP\/1\.1 400 |$)/);
    }
  });

  await t.test("a ClientHello that is none gets an alert and an end", patience, async () => {
    const socket = await dial(proxy.port);
    socket.write(Buffer.from("\x16\x03\x01\0\x05hello", "latin1"));
    assert.match(await read_all(socket), /^\x15\x03/);
  });

  await t.test("a client that says nothing and goes is no trouble", patience, async () => {
    for (const beginning of ["", "\x16", "\x16\x03\x01", "P", "PRI * HTTP/2.0\r\n"]) {
      const socket = await dial(proxy.port);
      socket.end(Buffer.from(beginning, "latin1"));
      await read_all(socket);
    }
    assert.equal((await ask_http1(await dial(proxy.port), authority)).status, 200);
  });
});

async function begin_slowly(port, bytes) {
  const socket = await dial(port);
  socket.setNoDelay();
  for (const byte of bytes) {
    socket.write(Buffer.from([byte]));
    await turn();
  }
  return socket;
}
