// Who breaks off, and what the other side sees of it, through each pair.
import assert from "node:assert/strict";
import { once } from "node:events";
import { pairs_test, services } from "./pairs.mjs";
import { deferred } from "./process.mjs";

/** Ends the connection or the stream that carries `response`, as if the service had died. */
function die(response) {
  if (response.stream) response.stream.close(2);  // INTERNAL_ERROR
  else response.socket.destroy();
}

for (const [ending, fields] of [["known", { "content-length": 1000 }], ["unknown", {}]]) {
  pairs_test(`a body of ${ending} length that breaks off never looks complete`, async ({ call }) => {
    const go = deferred();
    const path = services.serve(async (request, response) => {
      response.writeHead(200, fields);
      response.write("half of it");
      await go.promise;
      die(response);
    });
    const asked = call(path);
    const { body } = await asked.head;
    await assert.rejects(async () => {
      for await (const piece of body) {
        assert.equal(`${piece}`, "half of it");
        go.resolve();
      }
    });
  });
}

pairs_test("a service that dies before it answers is a 502", async ({ call }) => {
  const path = services.serve((request, response) => die(response));
  const asked = call(path, { method: "POST", body: "something" });
  const { status, headers } = await asked.head;
  assert.equal(status, 502);
  assert.match(headers["content-type"], /problem\+json/);
  assert.equal(JSON.parse(await asked.text()).status, 502);
});

pairs_test("a client that goes in the middle of an answer ends the request at the service", async ({ call }) => {
  const gone = deferred();
  const path = services.serve((request, response) => {
    response.once("close", gone.resolve);  // it never ends its answer itself
    response.write("the beginning");
  });
  const asked = call(path);
  const { body } = await asked.head;
  await once(body, "data");
  asked.cancel();
  await gone.promise;
});

pairs_test("a client that goes before the answer ends the request at the service", async ({ call }) => {
  const arrived = deferred();
  const gone = deferred();
  const path = services.serve((request, response) => {
    response.once("close", gone.resolve);
    arrived.resolve();
  });
  const asked = call(path);
  await arrived.promise;
  asked.cancel();
  await gone.promise;
});

pairs_test("a client that goes in the middle of an upload ends the request at the service", async ({ call }) => {
  const arrived = deferred();
  const gone = deferred();
  const path = services.serve((request, response) => {
    let ended = false;
    request.once("end", () => (ended = true));
    response.once("close", () => gone.resolve(ended && !request.aborted));
    request.once("data", arrived.resolve);
  });
  const asked = call(path, { method: "POST", body: "stream", headers: { "content-length": 1000 } });
  asked.request.write("the beginning");
  await arrived.promise;
  asked.cancel();
  assert.equal(await gone.promise, false, "the upload looked complete");
});

pairs_test("an answer arrives before the upload is at its end", async ({ call }) => {
  const path = services.serve((request, response) => response.writeHead(413, { "content-length": 8 }).end("too long"));
  const asked = call(path, { method: "POST", body: "stream" });
  asked.request.write("the beginning");
  const { status } = await asked.head;
  assert.equal(status, 413);
  assert.equal(await asked.text(), "too long");
  asked.cancel();
});

pairs_test("after any of these the next request is answered", async ({ call }) => {
  const path = services.serve((request, response) => response.end("well"));
  assert.equal(await call(path).text(), "well");
});
