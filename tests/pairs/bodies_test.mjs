// Bodies of every length and none, up and down, through each pair.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { pairs_test, services } from "./pairs.mjs";
import { deferred } from "./process.mjs";
import { speaks_http2 } from "./services.mjs";

const large = randomBytes(8 << 20);
const sum = (bytes) => createHash("sha256").update(bytes).digest("hex");
const large_sum = sum(large);

async function all(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The checksum of what a reader gets that does something else between any two pieces. */
async function slow_sum(stream) {
  const hash = createHash("sha256");
  for await (const piece of stream) {
    hash.update(piece);
    for (let i = 0; i < 3; ++i) await turn();
  }
  return hash.digest("hex");
}

/** Writes `bytes` in pieces of many sizes, as fast as they are taken. */
async function write_all(stream, bytes) {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7919) % 65_521) {
    if (!stream.write(bytes.subarray(at, at + size))) await once(stream, "drain");
  }
  stream.end();
}

pairs_test("HEAD gets the head alone, and the next request its answer", async ({ call }) => {
  const path = services.serve((request, response) => {
    response.writeHead(200, { "content-length": 12, "etag": '"1"' });
    response.end(request.method === "HEAD" ? undefined : "twelve bytes");
  });
  for (const method of ["HEAD", "GET", "HEAD", "GET"]) {
    const asked = call(path, { method });
    const { status, headers } = await asked.head;
    assert.deepEqual([status, headers["content-length"], headers.etag], [200, "12", '"1"']);
    assert.equal(await asked.text(), method === "HEAD" ? "" : "twelve bytes");
  }
});

pairs_test("204 and 304 have no body", async ({ call }) => {
  const path = services.serve((request, response) => response.writeHead(Number(request.url.split("/")[2]), { etag: 'W/"7"' }).end());
  for (const status of [204, 304]) {
    const asked = call(`${path}/${status}`, { headers: { "if-none-match": 'W/"7"' } });
    const head = await asked.head;
    assert.deepEqual([head.status, head.headers.etag, head.headers["transfer-encoding"]], [status, 'W/"7"', undefined]);
    assert.equal(await asked.text(), "");
  }
});

pairs_test("a body keeps its length", async ({ service, call }) => {
  let seen;
  const path = services.serve(async (request, response) => {
    seen = { ...request.headers, body: `${await all(request)}` };
    response.writeHead(200, { "content-length": 4 }).end("done");
  });
  const asked = call(path, { method: "POST", body: "eleven byte", headers: { "content-type": "text/plain" } });
  assert.equal((await asked.head).headers["content-length"], "4");
  assert.equal(await asked.text(), "done");
  assert.deepEqual([seen.body, seen["content-length"], seen["content-type"]], ["eleven byte", "11", "text/plain"], service);
  assert.equal(seen["transfer-encoding"], undefined);
});

pairs_test("an empty body is one", async ({ call }) => {
  let seen;
  const path = services.serve(async (request, response) => {
    seen = { length: request.headers["content-length"], body: (await all(request)).length };
    response.writeHead(200, { "content-length": 0 }).end();
  });
  const asked = call(path, { method: "POST", body: "" });
  assert.equal((await asked.head).headers["content-length"], "0");
  assert.equal((await asked.bytes()).length, 0);
  assert.deepEqual(seen, { length: "0", body: 0 });
});

pairs_test("a request without a body gets none on its way", async ({ call }) => {
  let seen;
  const path = services.serve(async (request, response) => {
    seen = [request.headers["content-length"], request.headers["transfer-encoding"], (await all(request)).length];
    response.end();
  });
  await call(path).text();
  assert.deepEqual(seen, [undefined, undefined, 0]);
});

pairs_test("a streamed request arrives piece by piece", async ({ call }) => {
  let seen = "";
  let more = deferred();
  let length;
  const path = services.serve((request, response) => {
    length = request.headers["content-length"];
    request.on("data", (piece) => {
      seen += piece;
      more.resolve();
    }).on("end", () => response.end(seen));
  });
  const asked = call(path, { method: "POST", body: "stream" });
  let sent = "";
  for (let i = 0; i < 10; ++i) {  // the next leaves only when this one was seen
    const piece = `piece ${i};`;
    sent += piece;
    asked.request.write(piece);
    while (seen !== sent) {
      await more.promise;
      more = deferred();
    }
  }
  asked.request.end();
  assert.equal(await asked.text(), sent);
  assert.equal(length, undefined);
});

pairs_test("8 MiB go up and come down unchanged", async ({ service, call }) => {
  const path = services.serve(async (request, response) => {
    const got = sum(await all(request));
    const length = speaks_http2(service) ? {} : { "content-length": large.length };  // both ways of ending a body
    response.writeHead(200, { "x-sum": got, ...length });
    await write_all(response, large);
  });
  const asked = call(path, { method: "POST", body: large });
  assert.equal((await asked.head).headers["x-sum"], large_sum);
  assert.equal(sum(await asked.bytes()), large_sum);
});

pairs_test("8 MiB of unknown length go up and come down between slow readers", async ({ call }) => {
  const path = services.serve(async (request, response) => {
    const got = await slow_sum(request);
    response.writeHead(200, { "x-sum": got });
    await write_all(response, large);
  });
  const asked = call(path, { method: "POST", body: "stream" });
  await write_all(asked.request, large);
  const { headers, body } = await asked.head;
  assert.equal(headers["x-sum"], large_sum);
  assert.equal(await slow_sum(body), large_sum);
});

pairs_test("both directions flow at once", async ({ call }) => {
  const path = services.serve((request, response) => request.pipe(response));
  const asked = call(path, { method: "POST", body: "stream" });
  const [, got] = await Promise.all([write_all(asked.request, large.subarray(0, 1 << 20)), asked.bytes()]);
  assert.ok(got.equals(large.subarray(0, 1 << 20)));
});
