// WebSockets in both forms, HTTP/1.1's upgrade and RFC 8441's extended CONNECT, on both sides, through each pair.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { opcodes, WebSocketEnd } from "./frames.mjs";
import { pairs_test, services } from "./pairs.mjs";
import { deferred } from "./process.mjs";
import { authority_of, speaks_http2 } from "./services.mjs";

// Node before 20 does not refuse an ALPN without its own protocol, as RFC 7301 3.2 wants it: it accepts, and complains in HTTP.
const is_sane = (kind) => kind !== "h2-tls" || Number(process.versions.node.split(".")[0]) >= 20;
const socket_test = (name, body) => pairs_test(name, body, { of_services: is_sane });

/** A WebSocket from the client to a new path: both ends of it, what the service was asked and what it answered. */
async function connect({ client, host }, { subprotocol, headers = {}, below = "" } = {}) {
  const arrived = deferred();
  const path = services.serve_socket((stream, request) => (
    arrived.resolve({ service: new WebSocketEnd(stream, { masks: false }), request })), subprotocol);
  const { stream, head } = await client.open_socket(host, path + below, headers);
  assert.ok(stream, `refused with ${head.status}`);
  return { ...(await arrived.promise), client: new WebSocketEnd(stream, { masks: true }), head };
}

socket_test("messages of every kind and size come back as they went", async (pair) => {
  const { client, service } = await connect(pair);
  const echo = (async () => {
    for (;;) {
      const { opcode, payload } = await service.next();
      if (opcode === undefined) return;
      service.send(opcode, payload);
      if (opcode === opcodes.close) return service.stream.end();
    }
  })();
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 1 << 20];
  const messages = [[opcodes.text, Buffer.from("grüße ✓")], ...sizes.map((size) => [opcodes.binary, randomBytes(size)])];
  for (const [opcode, payload] of messages) {
    client.send(opcode, payload);
    const got = await client.next();
    assert.equal(got.opcode, opcode);
    assert.ok(got.payload.equals(payload), `${payload.length} bytes changed`);
  }
  for (const [opcode, payload] of messages) client.send(opcode, payload);  // and all at once
  for (const [, payload] of messages) assert.ok((await client.next()).payload.equals(payload));
  client.close(4001, "enough of this");
  const { opcode, payload } = await client.next();
  assert.deepEqual([opcode, payload.readUInt16BE(0), `${payload.subarray(2)}`], [opcodes.close, 4001, "enough of this"]);
  client.stream.end();
  await echo;
});

socket_test("the handshake keeps what it negotiates, and the service learns where it came from", async (pair) => {
  const { client, request, head } = await connect(pair, { subprotocol: "echo", below: "/chat%20room?id=7", headers: {
    "sec-websocket-protocol": "other, echo", "sec-websocket-extensions": "permessage-deflate", "origin": "https://a.localhost",
    "cookie": "a=1" } });
  const { headers } = request;
  assert.match(request.url, /^\/\d+\/chat%20room\?id=7$/);
  assert.equal(head.headers["sec-websocket-protocol"], "echo");
  assert.equal(headers["sec-websocket-protocol"], "other, echo");
  assert.equal(headers["sec-websocket-extensions"], "permessage-deflate");
  assert.equal(headers["sec-websocket-version"], "13");
  assert.equal(headers.origin, "https://a.localhost");
  assert.equal(headers.cookie, "a=1");
  assert.equal(authority_of(request), `${pair.host}:${pair.client.port}`);
  assert.equal(headers["x-forwarded-proto"], pair.client.tls ? "https" : "http");
  if (speaks_http2(pair.service)) {
    assert.equal(headers[":scheme"], pair.service === "h2c" ? "http" : "https");
    for (const name of ["sec-websocket-key", "upgrade", "connection"]) assert.equal(headers[name], undefined, name);
  } else {
    assert.match(headers["sec-websocket-key"], /^[A-Za-z0-9+/]{22}==$/);
    assert.match(headers.connection, /upgrade/i);
    assert.equal(headers.upgrade, "websocket");
  }
  client.stream.end();
});

socket_test("each side may end its half first, and hear the other out", async (pair) => {
  for (const [first, second] of [["client", "service"], ["service", "client"]]) {
    const ends = await connect(pair);
    ends[first].send(opcodes.text, "my last word");
    ends[first].stream.end();
    assert.equal(`${(await ends[second].next()).payload}`, "my last word");
    assert.deepEqual(await ends[second].next(), { ended: true });
    ends[second].send(opcodes.text, "and mine");
    ends[second].stream.end();
    assert.equal(`${(await ends[first].next()).payload}`, "and mine");
    assert.deepEqual(await ends[first].next(), { ended: true });
  }
});

socket_test("a side that is gone is gone for the other", async (pair) => {
  for (const [first, second] of [["client", "service"], ["service", "client"]]) {
    const ends = await connect(pair);
    ends[first].send(opcodes.text, "here");
    assert.equal(`${(await ends[second].next()).payload}`, "here");
    ends[first].stream.destroy();
    const { ended, closed } = await ends[second].next();
    assert.ok(ended || closed);
  }
});

socket_test("a service that wants no WebSocket answers as it likes", async ({ client, host }) => {
  const path = services.serve((request, response) => response.writeHead(404).end());
  const { stream, head } = await client.open_socket(host, path);
  assert.equal(stream, undefined);
  assert.ok([404, 501].includes(head.status), `${head.status}`);
});
