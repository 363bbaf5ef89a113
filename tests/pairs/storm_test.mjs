// Hundreds of exchanges on the same connections, most of which somebody breaks off somewhere: what is left works.
import assert from "node:assert/strict";
import { once } from "node:events";
import { pairs_test, services } from "./pairs.mjs";
import { WebSocketEnd, opcodes } from "./frames.mjs";

const piece = Buffer.alloc(20_000, "x");

/** What a client does with a call that it will not finish. */
const client_moods = [
  (call, path) => call(path).cancel(),
  async (call, path) => {
    const asked = call(path, { method: "POST", body: "stream" });
    asked.request.write(piece);
    asked.cancel();
  },
  async (call, path) => {
    const asked = call(path, { method: "POST", body: piece });
    await asked.head;
    asked.cancel();
  },
  async (call, path) => {
    const asked = call(path);
    const { body } = await asked.head;
    for await (const some of body) if (some.length > 0) break;
    asked.cancel();
  },
];

/** What a service does with a request. */
const service_moods = [
  (request, response) => request.pipe(response),
  (request, response) => response.write(piece),
  (request, response) => {
    response.write(piece);
    if (response.stream) response.stream.close(2);
    else response.socket.destroy();
  },
  (request, response) => {
    response.writeHead(413);
    response.end(piece);
  },
];

pairs_test("calls that break off on either side leave the others alone", async ({ call }) => {
  const calls = [];
  const good = services.serve((request, response) => response.end(piece));
  for (let round = 0; round < 2; ++round) {
    for (const on_service of service_moods) {
      const path = services.serve(on_service);
      for (const on_client of client_moods) {
        // Some never come so far as their mood wants: then the service's has ended them.
        calls.push((async () => on_client(call, path))().catch(() => {}));
      }
      const right = call(good);
      calls.push(right.bytes().then((bytes) => assert.equal(bytes.length, piece.length)));
    }
  }
  await Promise.all(calls);
  assert.equal((await call(good).bytes()).length, piece.length);
});

pairs_test("a page of a thousand modules may be left", async ({ call }) => {
  const path = services.serve((request, response) => response.write(piece));
  const good = services.serve((request, response) => response.end(piece));
  for (let i = 0; i < 10; ++i) {
    for (const asked of Array.from({ length: 100 }, () => call(path))) asked.cancel();
    assert.equal((await call(good).bytes()).length, piece.length);
  }
}, { of_clients: (kind) => kind.startsWith("h2"), of_services: (kind) => kind === "h1" || kind === "h2c" });

pairs_test("WebSockets that end anyhow leave the others alone", async ({ client, host }) => {
  const ends = [(end) => end.stream.end(), (end) => end.stream.destroy(), (end) => end.close(1000), () => {}];
  const all = ends.flatMap((of_service) => ends.map(async (of_client) => {
    const path = services.serve_socket((stream) => {
      const end = new WebSocketEnd(stream, { masks: false });
      end.send(opcodes.binary, piece);
      of_service(end);
    });
    const { stream } = await client.open_socket(host, path);
    if (!stream) return;  // the service was faster
    const end = new WebSocketEnd(stream, { masks: true });
    end.send(opcodes.binary, piece);
    of_client(end);
    await end.next();
    stream.destroy();
  }));
  await Promise.all(all.map((one) => one.catch(() => {})));
  const path = services.serve_socket((stream) => stream.pipe(stream));
  const { stream } = await client.open_socket(host, path);
  stream.write("still here");
  assert.equal(`${(await once(stream, "data"))[0]}`, "still here");
  stream.destroy();
}, { of_services: (kind) => kind !== "h2-tls" });
