// What a request and a response say before their bodies, through each pair.
import assert from "node:assert/strict";
import { pairs_test, services } from "./pairs.mjs";
import { authority_of, speaks_http2, values_of } from "./services.mjs";

/** A service that keeps the request and answers with nothing but 200. */
function keeping() {
  const kept = {};
  kept.path = services.serve((request, response) => {
    kept.request = request;
    response.writeHead(200).end();
  });
  return kept;
}

pairs_test("many fields arrive, both ways", async ({ call }) => {
  const fields = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-field-${i}`, `value ${i}; "quoted", ${i * 7919}`]));
  let seen;
  const path = services.serve((request, response) => {
    seen = request.headers;
    response.writeHead(200, fields).end("body");
  });
  const asked = call(path, { headers: fields });
  const { headers } = await asked.head;
  assert.equal(await asked.text(), "body");
  for (const [name, value] of Object.entries(fields)) {
    assert.equal(seen[name], value, `of the request: ${name}`);
    assert.equal(headers[name], value, `of the response: ${name}`);
  }
});

pairs_test("path and query arrive byte for byte", async ({ call }) => {
  const kept = keeping();
  const path = `${kept.path}/a%2fb//c%7Ed/./e;v=1/..%2F/~user/%E2%82%AC?q=%20+&x=[]{}|^&y=a/b?c&&=&z=%00'"*\\`;
  await call(path).text();
  assert.equal(kept.request.url, path);
});

pairs_test("the longest values arrive whole", async ({ call }) => {
  const value = "v".repeat(10_000);
  let seen;
  const path = services.serve((request, response) => {
    seen = request.headers["x-long"];
    response.writeHead(200, { "x-long": value }).end();
  });
  const { headers } = await call(path, { headers: { "x-long": value } }).head;
  assert.equal(seen, value);
  assert.equal(headers["x-long"], value);
});

pairs_test("a field that stands several times keeps its lines and their order", async ({ call }) => {
  let seen;
  const path = services.serve((request, response) => {
    seen = values_of(request, "x-several");
    response.writeHead(200, { "x-several": ["one", "two, three", "four"], "set-cookie": ["a=1; Path=/", "b=2", "a=3; Secure"] });
    response.end();
  });
  const { headers } = await call(path, { headers: { "x-several": ["1", "2, 3", "4"] } }).head;
  assert.deepEqual(seen, ["1", "2, 3", "4"]);
  assert.equal(headers["x-several"], "one, two, three, four");
  assert.deepEqual(headers["set-cookie"], ["a=1; Path=/", "b=2", "a=3; Secure"]);
});

pairs_test("a client's cookie crumbs are one Cookie line at the service", async ({ call }) => {
  const kept = keeping();
  await call(kept.path, { headers: { cookie: ["a=1", "b=2; c=3", "d=4"] } }).text();
  assert.equal(kept.request.headers.cookie, "a=1; b=2; c=3; d=4");
  if (!speaks_http2(kept.request.kind)) assert.deepEqual(values_of(kept.request, "cookie"), ["a=1; b=2; c=3; d=4"]);
}, { of_clients: (kind) => kind.startsWith("h2") });

pairs_test("a cookie is not changed", async ({ call }) => {
  const kept = keeping();
  await call(kept.path, { headers: { cookie: "a=1; b=\"2\"; c=" } }).text();
  assert.equal(kept.request.headers.cookie, "a=1; b=\"2\"; c=");
});

pairs_test("the service learns who asked, for what and how, and not from the client", async ({ client, host, call }) => {
  const kept = keeping();
  const authority = `${host}:${client.port}`;
  const scheme = client.tls ? "https" : "http";
  await call(kept.path, { headers: { "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "gopher", "x-forwarded-port": "1",
    "x-forwarded-host": "evil.example", "x-forwarded-prefix": "/evil", "forwarded": "for=192.0.2.1" } }).text();
  const { request } = kept;
  assert.equal(authority_of(request), authority);
  assert.equal(request.headers["x-forwarded-for"], "127.0.0.1");
  assert.equal(request.headers["x-forwarded-proto"], scheme);
  assert.equal(request.headers["x-forwarded-host"], authority);
  assert.equal(request.headers["x-forwarded-port"], `${client.port}`);
  assert.equal(request.headers["x-forwarded-prefix"], undefined);
  assert.doesNotMatch(request.headers.forwarded ?? "", /192\.0\.2\.1/);
  assert.match(request.headers.via, client.kind.startsWith("h2") ? /^(1\.1|2(\.0)?) devproxy-[0-9a-f]{8}$/ : /^1\.1 devproxy-[0-9a-f]{8}$/);
  assert.ok(request.headers["x-request-id"], "X-Request-Id is made");
  if (speaks_http2(request.kind)) assert.ok([undefined, authority].includes(request.headers.host), "Host and :authority agree");
});

pairs_test("what belongs to one connection stays on it", async ({ call }) => {
  let seen;
  const path = services.serve((request, response) => {
    seen = request.headers;
    const own = { "connection": "keep-alive, x-own", "keep-alive": "timeout=9", "x-own": "hidden", "proxy-connection": "keep-alive" };
    response.writeHead(200, { ...(speaks_http2(request.kind) ? {} : own), "x-kept": "yes" }).end();
  });
  const { headers } = await call(path, { headers: { connection: "keep-alive, x-private", "x-private": "1",
    "proxy-connection": "keep-alive", "keep-alive": "timeout=9" } }).head;
  for (const name of ["x-private", "proxy-connection", "keep-alive"]) assert.equal(seen[name], undefined, name);
  for (const name of ["x-own", "proxy-connection"]) assert.equal(headers[name], undefined, name);
  assert.equal(headers["x-kept"], "yes");
}, { of_clients: (kind) => kind.startsWith("h1") });

pairs_test("what belongs to a service's connection never reaches HTTP/2", async ({ call }) => {
  const path = services.serve((request, response) => {
    response.writeHead(200, { "connection": "keep-alive, x-own", "keep-alive": "timeout=9", "x-own": "hidden", "x-kept": "yes" });
    response.end("body");
  });
  const asked = call(path);
  const { headers } = await asked.head;
  assert.equal(await asked.text(), "body");
  for (const name of ["connection", "keep-alive", "transfer-encoding", "x-own"]) assert.equal(headers[name], undefined, name);
  assert.equal(headers["x-kept"], "yes");
}, { of_clients: (kind) => kind.startsWith("h2"), of_services: (kind) => !speaks_http2(kind) });

pairs_test("every method arrives as it is", async ({ call }) => {
  const kept = keeping();
  for (const method of ["OPTIONS", "DELETE", "PUT", "PATCH", "PROPFIND", "REPORT"]) {
    await call(kept.path, { method }).text();
    assert.equal(kept.request.method, method);
  }
});

pairs_test("every status arrives as it is, with its body", async ({ call }) => {
  const path = services.serve((request, response) => {
    const status = Number(request.url.split("/")[2]);
    response.writeHead(status, { "content-type": "text/plain", "location": "/elsewhere", "retry-after": "3" }).end(`this is ${status}`);
  });
  for (const status of [200, 201, 203, 206, 299, 301, 302, 307, 308, 400, 401, 403, 404, 410, 418, 422, 429, 451, 499, 500, 502, 503, 599]) {
    const asked = call(`${path}/${status}`);
    const head = await asked.head;
    assert.equal(head.status, status);
    assert.equal(head.headers.location, "/elsewhere");
    assert.equal(await asked.text(), `this is ${status}`);
  }
});
