// 1xx and trailers: what comes before the head and after the body, through each pair.
import assert from "node:assert/strict";
import { pairs_test, services } from "./pairs.mjs";
import { deferred } from "./process.mjs";

pairs_test("103 Early Hints come before the answer is known", async ({ call }) => {
  const go = deferred();
  const path = services.serve(async (request, response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
    await go.promise;
    response.writeHead(200, { "x-final": "yes" }).end("body");
  });
  const asked = call(path);
  await asked.first_interim;
  go.resolve();
  const { status, headers } = await asked.head;
  assert.equal(await asked.text(), "body");
  assert.deepEqual([status, headers["x-final"], headers.link], [200, "yes", undefined]);
  assert.equal(asked.interim.length, 1);
  assert.equal(asked.interim[0].status, 103);
  assert.equal(asked.interim[0].headers.link, "</style.css>; rel=preload; as=style");
});

pairs_test("100-continue is the service's to say, and the body waits for it", async ({ call }) => {
  let seen;
  const path = services.serve_expecting((request, response) => {
    seen = request.headers.expect;
    response.writeContinue();
    let body = "";
    request.on("data", (piece) => (body += piece)).on("end", () => response.end(`got ${body}`));
  });
  const asked = call(path, { method: "POST", body: "stream", headers: { "expect": "100-continue", "content-length": 4 } });
  await asked.continued;
  assert.equal(seen, "100-continue");
  asked.request.end("body");
  assert.equal(await asked.text(), "got body");
});

pairs_test("a service that does not want the body says so at once", async ({ call }) => {
  const path = services.serve_expecting((request, response) => response.writeHead(417, { "content-length": 2 }).end("no"));
  const asked = call(path, { method: "POST", body: "stream", headers: { "expect": "100-continue", "content-length": 4 } });
  assert.equal((await asked.head).status, 417);
  assert.equal(await asked.text(), "no");
  asked.cancel();
});

pairs_test("trailers of a response follow its body", async ({ call }) => {
  const path = services.serve((request, response) => {
    response.writeHead(200, { trailer: "x-sum, x-more" });
    response.write("body");
    response.addTrailers({ "x-sum": "abc", "x-more": "1" });
    response.end();
  });
  const asked = call(path, { headers: { te: "trailers" } });
  assert.equal((await asked.head).status, 200);
  assert.equal(await asked.text(), "body");
  assert.deepEqual([asked.trailers["x-sum"], asked.trailers["x-more"]], ["abc", "1"]);
});

pairs_test("trailers of a request follow its body", async ({ call }) => {
  const seen = deferred();
  const path = services.serve((request, response) => {
    request.resume().on("end", () => {
      seen.resolve({ ...request.trailers });
      response.end();
    });
  });
  const asked = call(path, { method: "POST", body: "stream", headers: { trailer: "x-sum" }, trailers: { "x-sum": "abc" } });
  asked.request.end("body");
  assert.equal(await asked.text(), "");
  assert.equal((await seen.promise)["x-sum"], "abc");
});

pairs_test("te: trailers is passed on where the client said it", async ({ call }) => {
  let seen;
  const path = services.serve((request, response) => {
    seen = request.headers.te;
    response.end();
  });
  await call(path, { headers: { te: "trailers" } }).text();
  assert.equal(seen, "trailers");
  await call(path).text();
  assert.equal(seen, undefined);
});
