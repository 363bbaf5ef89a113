// What a handshake settles: the protocol, the version, and whether it is a resumed one.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { ask_http1, ask_http2, dial, on_hosts, open_session, open_stage } from "./stage.mjs";

const patience = { timeout: 15_000 };

test("handshakes", { timeout: 60_000 }, async (t) => {
  const { proxy } = await open_stage(t, on_hosts("a.localhost", "b.localhost"));
  const ca = await proxy.ca();
  const { port } = proxy;
  const open = (more) => dial(port, { tls: { ca, servername: "a.localhost", ...more } });

  await t.test("ALPN settles on h2 before http/1.1, and on nothing where the client offers nothing that is known", patience, async () => {
    for (const [offered, settled] of [[["h2", "http/1.1"], "h2"], [["http/1.1", "h2"], "h2"], [["h2"], "h2"],
      [["http/1.1"], "http/1.1"], [["spdy/3", "http/1.1"], "http/1.1"], [undefined, false]]) {
      const socket = await open({ ALPNProtocols: offered });
      assert.equal(socket.alpnProtocol, settled, `${offered}`);
      socket.destroy();
    }
    // RFC 7301 3.2: an alert rather than a guess; a connection without ALPN would be right too.
    const unknown = await open({ ALPNProtocols: ["spdy/3"] }).then((socket) => {
      socket.destroy();
      return socket.alpnProtocol;
    }, (error) => error.code);
    assert.match(`${unknown}`, /^(false|ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL|ERR_SSL_.*)$/);
  });

  await t.test("the preface counts where no ALPN was spoken", patience, async (t) => {
    const answer = await ask_http2(open_session(t, await open({})), `a.localhost:${port}`);
    assert.equal(answer.status, 200);
  });

  await t.test("TLS 1.2 and 1.3 are spoken, and nothing older", patience, async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"]) {
      const socket = await open({ minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
      assert.equal((await ask_http1(socket, `a.localhost:${port}`)).status, 200);
    }
    await assert.rejects(open({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL@SECLEVEL=0" }));
  });

  for (const version of ["TLSv1.2", "TLSv1.3"]) {
    await t.test(`a session of ${version} is resumed, and its requests are answered`, patience, async () => {
      const first = await open({ maxVersion: version });
      assert.equal(first.isSessionReused(), false);
      const came = version === "TLSv1.2" ? [first.getSession()] : once(first, "session");  // 1.3 sends it afterwards
      assert.equal((await ask_http1(first, `a.localhost:${port}`)).status, 200);
      const [session] = await came;
      const second = await open({ maxVersion: version, session });
      assert.equal(second.isSessionReused(), true);
      assert.equal((await ask_http1(second, `a.localhost:${port}`)).status, 200);
    });
  }
});
