// Names: which certificate answers to which SNI, and that the authority of a request routes it, never the SNI.
import assert from "node:assert/strict";
import { test } from "node:test";
import { make_certificate } from "./certificates.mjs";
import { ask_http1, ask_http2, dial, on_hosts, open_session, open_stage } from "./stage.mjs";

const patience = { timeout: 15_000 };
const names_of = (socket) => socket.getPeerCertificate().subjectaltname.split(", ").sort();

test("every name gets its certificate, and every request its route", { timeout: 60_000 }, async (t) => {
  const { proxy } = await open_stage(t, on_hosts("a.localhost", "b.localhost", "*.wild.localhost", "deep.shop.test"));
  const ca = await proxy.ca();
  const { port } = proxy;
  const open = (servername, more = {}) => dial(port, { tls: { ca, servername, ...more } });

  await t.test("a routed name gets a certificate of its own", patience, async () => {
    for (const name of ["a.localhost", "deep.shop.test"]) {
      const socket = await open(name);
      assert.ok(socket.authorized);
      assert.deepEqual(names_of(socket), [`DNS:*.${name}`, `DNS:${name}`]);
      socket.destroy();
    }
    const wild = await open("x.wild.localhost");
    assert.ok(names_of(wild).includes("DNS:x.wild.localhost"));
    wild.destroy();
  });

  await t.test("no name, an address and a name of nobody get the loopback certificate", patience, async () => {
    const loopback = ["DNS:localhost", "IP Address:0:0:0:0:0:0:0:1", "IP Address:127.0.0.1"];
    for (const servername of ["", "nobody.localhost", "example.com", "localhost"]) {
      const socket = await open(servername, { checkServerIdentity: () => undefined });
      assert.ok(socket.authorized, "the CA signed it");
      assert.deepEqual(names_of(socket), loopback, `for "${servername}"`);
      socket.destroy();
    }
  });

  await t.test("the authority routes, not the SNI", patience, async (t) => {
    for (const [sni, host] of [["a.localhost", "b.localhost"], ["nobody.localhost", "b.localhost"]]) {
      const more = { checkServerIdentity: () => undefined };
      const http1 = await ask_http1(await open(sni, more), `${host}:${port}`);
      assert.deepEqual([http1.status, JSON.parse(http1.body).host], [200, `${host}:${port}`]);
      const session = open_session(t, await open(sni, { ...more, ALPNProtocols: ["h2"] }));
      for (const authority of [host, "a.localhost", "x.wild.localhost"]) {  // one connection, many names
        const http2 = await ask_http2(session, `${authority}:${port}`);
        assert.deepEqual([http2.status, JSON.parse(http2.body).host], [200, `${authority}:${port}`]);
      }
    }
  });

  await t.test("an unknown authority gets nothing but 421", patience, async (t) => {
    const session = open_session(t, await open("a.localhost", { ALPNProtocols: ["h2"] }));
    const { status, body } = await ask_http2(session, "evil.example");
    assert.deepEqual([status, body], [421, ""]);
    assert.equal((await ask_http2(session, "a.localhost")).status, 200, "the connection goes on");
  });
});

test("own certificates: of a service, of a listener, and 421 where they differ", { timeout: 30_000 }, async (t) => {
  let service, listener;
  const toml = ({ files }) => `tls = { cert = "${files.cert}", key = "${files.key}" }`;
  const { proxy } = await open_stage(t, (place) => {
    service = make_certificate(place.folder, "own-service", ["DNS:own.localhost"]);
    listener = make_certificate(place.folder, "own-listener", ["DNS:a.localhost", "DNS:b.localhost"]);
    return `${on_hosts("a.localhost", "b.localhost")(place)}
[services.own]
host = "own.localhost"
port = ${place.port}
${toml(service)}
`;
  }, () => `listen = ["127.0.0.1:0", { addr = "127.0.0.2:0", ${toml(listener)} }]`);
  const [port, own_port] = proxy.ports;
  const ca = await proxy.ca();
  const open = (servername, { at = port, host = "127.0.0.1", trust = ca, ...more } = {}) => (
    dial(at, { host, tls: { ca: trust, servername, ...more } }));

  await t.test("a service's own is shown for its host alone", patience, async () => {
    const own = await open("own.localhost", { trust: service.cert });
    assert.deepEqual([names_of(own), (await ask_http1(own, `own.localhost:${port}`)).status], [["DNS:own.localhost"], 200]);
    const other = await open("a.localhost");
    assert.deepEqual(names_of(other), ["DNS:*.a.localhost", "DNS:a.localhost"]);
    other.destroy();
  });

  await t.test("a listener's own is shown there for every name that has none", patience, async () => {
    const there = { at: own_port, host: "127.0.0.2" };
    const a = await open("a.localhost", { ...there, trust: listener.cert });
    assert.deepEqual([names_of(a), (await ask_http1(a, `a.localhost:${own_port}`)).status],
      [["DNS:a.localhost", "DNS:b.localhost"], 200]);
    const own = await open("own.localhost", { ...there, trust: service.cert });
    assert.deepEqual(names_of(own), ["DNS:own.localhost"]);
    own.destroy();
  });

  await t.test("421 where the certificate would be another, and nowhere else", patience, async (t) => {
    const h2 = { ALPNProtocols: ["h2"] };
    const session = open_session(t, await open("a.localhost", h2));
    assert.equal((await ask_http2(session, `b.localhost:${port}`)).status, 200);
    assert.equal((await ask_http2(session, `own.localhost:${port}`)).status, 421);
    assert.equal((await ask_http2(session, `a.localhost:${port}`)).status, 200, "the connection goes on");
    const own = open_session(t, await open("own.localhost", { ...h2, trust: service.cert }));
    assert.equal((await ask_http2(own, `own.localhost:${port}`)).status, 200);
    assert.equal((await ask_http2(own, `a.localhost:${port}`)).status, 421);
    const http1 = await ask_http1(await open("a.localhost"), `own.localhost:${port}`);
    assert.equal(http1.status, 421);
    const plain = await ask_http1(await dial(port), `own.localhost:${port}`);
    assert.equal(plain.status, 200, "without TLS there is no policy that differs");
  });
});
