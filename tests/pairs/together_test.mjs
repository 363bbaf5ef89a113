// Many exchanges at once and one after the other on the same connections, and events that come when they happen.
import assert from "node:assert/strict";
import { once } from "node:events";
import { pairs_test, services } from "./pairs.mjs";
import { deferred } from "./process.mjs";
import { speaks_http2 } from "./services.mjs";

pairs_test("server-sent events arrive one by one", async ({ call }) => {
  const opened = deferred();
  const path = services.serve((request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.flushHeaders?.();
    opened.resolve(response);
  });
  const asked = call(path, { headers: { accept: "text/event-stream" } });
  const [{ body }, response] = await Promise.all([asked.head, opened.promise]);
  const gone = once(response, "close");
  for (let i = 0; i < 10; ++i) {  // the next is sent only when this one is here
    response.write(`data: event ${i}\n\n`);
    assert.equal(`${(await once(body, "data"))[0]}`, `data: event ${i}\n\n`);
  }
  asked.cancel();
  await gone;
});

pairs_test("64 requests at once get each its own answer", async ({ call }) => {
  const all_there = deferred();
  let arrived = 0;
  const path = services.serve(async (request, response) => {
    if (++arrived === 64) all_there.resolve();
    await all_there.promise;  // so they really are under way at once
    response.end(`${request.url} `.repeat(50));
  });
  const answers = await Promise.all(Array.from({ length: 64 }, (_, i) => call(`${path}/${i}`).text()));
  answers.forEach((answer, i) => assert.equal(answer, `${path}/${i} `.repeat(50)));
});

pairs_test("requests one after the other use the connection again", async ({ service, call }) => {
  const path = services.serve((request, response) => {
    request.resume();
    response.end("fine");
  });
  await call(path).text();
  const before = services.connections[service];
  for (let i = 0; i < 20; ++i) assert.equal(await call(path, { method: i % 2 ? "PUT" : "GET", body: i % 2 ? "x" : undefined }).text(), "fine");
  // Others of this file may run beside it: what counts is that not every request made a connection.
  assert.ok(services.connections[service] - before < 10, `${services.connections[service] - before} new connections`);
});

pairs_test("a client that does not read one answer gets the others", async ({ call }) => {
  const large = Buffer.alloc(1 << 20, "x");
  const path = services.serve((request, response) => response.end(large));
  const stalled = call(path);
  const { body } = await stalled.head;  // its body is left where it is
  for (let i = 0; i < 3; ++i) assert.equal((await call(path).bytes()).length, large.length);
  let length = 0;
  for await (const piece of body) length += piece.length;
  assert.equal(length, large.length);
});

pairs_test("a service that does not read one upload gets the others", async ({ call }) => {
  const large = Buffer.alloc(1 << 20, "x");
  const go = deferred();
  const stalled_path = services.serve(async (request, response) => {
    await go.promise;
    let length = 0;
    for await (const piece of request) length += piece.length;
    response.end(`${length}`);
  });
  const path = services.serve(async (request, response) => {
    let length = 0;
    for await (const piece of request) length += piece.length;
    response.end(`${length}`);
  });
  const stalled = call(stalled_path, { method: "POST", body: large });
  for (let i = 0; i < 3; ++i) assert.equal(await call(path, { method: "POST", body: large }).text(), `${large.length}`);
  go.resolve();
  assert.equal(await stalled.text(), `${large.length}`);
});

pairs_test("an HTTP/2 service gets all its streams on one connection", async ({ service, call }) => {
  const connections = new Set();
  const path = services.serve((request, response) => {
    connections.add(request.stream.session);
    response.end();
  });
  await Promise.all(Array.from({ length: 16 }, () => call(path).text()));
  assert.equal(connections.size, 1, service);
}, { of_services: speaks_http2 });
