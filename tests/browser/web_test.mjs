// What pages do all day, done by Chromium itself through the proxy: event streams, uploads, downloads, aborted calls,
// WebSockets, many calls at once, forms and cookies.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { WebSocketServer } from "ws";
import { until } from "./process.mjs";
import { launch_browser, Proxy } from "./proxy.mjs";

const mebibyte = 1 << 20;
const handlers = new Map();  // path -> (request, response); each test adds its own
const service = createServer((request, response) => {
  const handler = handlers.get(new URL(request.url, "http://service").pathname);
  if (handler) return handler(request, response);
  response.writeHead(200, { "content-type": "text/html" });
  response.end("<!doctype html><link rel=icon href='data:,'><title>page</title>");
});
const sockets = new WebSocketServer({ server: service, perMessageDeflate: true, maxPayload: 64 * mebibyte,
  handleProtocols: (offered) => (offered.has("echo") ? "echo" : false) });

let folder, proxy, browser;
const patience = { timeout: 120_000 };

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "devproxy-web-"));
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  await writeFile(join(folder, "devproxy.toml"), `name = "web"
[services.web]
host = "web.localhost"
port = ${service.address().port}
[proxy]
listen = ["127.0.0.1:0"]
`);
  proxy = await Proxy.start(join(folder, "devproxy.toml"), folder);
  browser = await launch_browser(folder);
});

after(async () => {
  await browser?.close();
  sockets.close();
  service.closeAllConnections();
  service.close();
  try {
    await proxy?.end();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function open_page() {
  const page = await browser.newPage();
  await page.goto(proxy.origin("web.localhost"));
  return page;
}

test("server-sent events arrive one by one", patience, async () => {
  let stream;
  handlers.set("/events", (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    stream = response;
  });
  const page = await open_page();
  await page.evaluate(() => {
    window.events = [];
    window.source = new EventSource("/events");
    window.source.onmessage = (event) => window.events.push(event.data);
  });
  const is_open = () => page.evaluate(() => window.source.readyState === EventSource.OPEN);
  await until("the stream to be open in the page", is_open);
  for (let i = 1; i <= 20; ++i) {  // the next is sent only when the page has this one
    stream.write(`data: event ${i}\n\n`);
    await until(`event ${i}`, () => page.evaluate((count) => window.events.length === count, i));
  }
  const gone = once(stream, "close");
  await page.evaluate(() => window.source.close());
  await gone;
  await page.close();
});

test("64 MiB go up and come down unchanged", patience, async () => {
  const data = randomBytes(64 * mebibyte);
  const sum = (bytes) => createHash("sha256").update(bytes).digest("hex");
  handlers.set("/download", (request, response) => response.end(data));
  handlers.set("/upload", (request, response) => {
    const hash = createHash("sha256");
    request.on("data", (chunk) => hash.update(chunk)).on("end", () => response.end(hash.digest("hex")));
  });
  handlers.set("/chunked", (request, response) => {  // no length is told, and pieces of many sizes follow each other
    const pieces = (function* () {
      for (let at = 0, i = 1; at < data.length; at += i, i = (i * 7919) % 131_101) yield data.subarray(at, at + i);
    })();
    Readable.from(pieces).pipe(response);
  });
  const page = await open_page();
  const sums = await page.evaluate(async () => {
    const send = async (file) => (await fetch("/upload", { method: "POST", body: file })).text();
    const get = async (path) => (await fetch(path)).blob();
    return [await send(await get("/download")), await send(await get("/chunked"))];
  });
  assert.deepEqual(sums, [sum(data), sum(data)]);
  await page.close();
});

test("an aborted call is gone at the service too, before and in the middle of its answer", patience, async () => {
  const page = await open_page();
  for (const [path, begin] of [["/silent", () => {}], ["/endless", (response) => response.write("a beginning")]]) {
    let closed;
    handlers.set(path, (request, response) => {
      closed = once(response, "close");
      begin(response);
    });
    await page.evaluate(async (asked) => {
      window.control = new AbortController();
      window.call = fetch(asked, { signal: window.control.signal }).then((response) => response.text());
      window.call.catch(() => {});
    }, path);
    await until(`the service to be asked for ${path}`, () => closed !== undefined);
    const error = await page.evaluate(() => {
      window.control.abort();
      return window.call.catch((thrown) => thrown.name);
    });
    assert.equal(error, "AbortError");
    await closed;
  }
  await page.close();
});

test("a WebSocket keeps its subprotocol, its messages of every size and its closing words", patience, async () => {
  sockets.once("connection", (socket, request) => {
    assert.match(request.headers.origin, /^http:\/\/web\.localhost:\d+$/);
    assert.equal(request.headers.host, new URL(request.headers.origin).host);
    socket.on("message", (message, binary) => socket.send(message, { binary }));
    socket.on("close", (code, reason) => (socket.closing = [code, `${reason}`]));
  });
  const page = await open_page();
  const seen = await page.evaluate(async () => {
    const socket = new WebSocket(`ws://${location.host}/socket`, ["other", "echo"]);
    socket.binaryType = "arraybuffer";
    const next = (name) => new Promise((resolve) => socket.addEventListener(name, resolve, { once: true }));
    await next("open");
    const sizes = [];
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 4 << 20]) {
      const sent = new Uint8Array(size).map((_, i) => (i * 31) & 255);
      socket.send(sent);
      const { data } = await next("message");
      const got = new Uint8Array(data);
      if (got.length !== size || got.some((byte, i) => byte !== sent[i])) throw new Error(`${size} bytes changed`);
      sizes.push(got.length);
    }
    socket.close(4001, "enough of this");
    const { code, reason, wasClean } = await next("close");
    return { protocol: socket.protocol, extensions: socket.extensions, sizes, code, reason, wasClean };
  });
  assert.equal(seen.protocol, "echo");
  assert.match(seen.extensions, /permessage-deflate/);
  assert.equal(seen.sizes.length, 7);
  assert.deepEqual([seen.code, seen.reason, seen.wasClean], [4001, "enough of this", true]);
  await page.close();
});

test("a service that drops a WebSocket is seen as dropped, not as closed", patience, async () => {
  sockets.once("connection", (socket) => socket.terminate());
  const page = await open_page();
  const seen = await page.evaluate(() => new Promise((resolve) => {
    new WebSocket(`ws://${location.host}/socket`).onclose = ({ code, wasClean }) => resolve({ code, wasClean });
  }));
  assert.deepEqual(seen, { code: 1006, wasClean: false });
  await page.close();
});

test("three hundred calls from three pages at once get each its own answer", patience, async () => {
  handlers.set("/number", (request, response) => {
    const number = new URL(request.url, "http://service").searchParams.get("n");
    response.end(`${number} `.repeat(1 + (number % 7) * 500));
  });
  const pages = await Promise.all([open_page(), open_page(), open_page()]);
  const wrong = await Promise.all(pages.map((page, p) => page.evaluate(async (first) => {
    const numbers = Array.from({ length: 100 }, (_, i) => first + i);
    const answers = await Promise.all(numbers.map(async (n) => (await fetch(`/number?n=${n}`)).text()));
    return numbers.filter((n, i) => answers[i] !== `${n} `.repeat(1 + (n % 7) * 500));
  }, p * 100)));
  assert.deepEqual(wrong.flat(), []);
  await Promise.all(pages.map((page) => page.close()));
});

test("a form is sent, redirected and leaves all its cookies", patience, async () => {
  handlers.set("/login", (request, response) => {
    request.resume();
    const cookies = ["user=ann; Path=/", "theme=dark; Path=/; HttpOnly"];
    response.writeHead(303, { location: "/welcome", "set-cookie": cookies });
    response.end();
  });
  handlers.set("/welcome", (request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<p id=cookies>${request.headers.cookie}</p><p id=method>${request.method}</p>`);
  });
  const page = await open_page();
  await page.setContent('<form method="post" action="/login"><button name="go" value="1">go</button></form>');
  await page.click("button");
  await page.waitForURL("**/welcome");
  assert.equal(await page.textContent("#method"), "GET");
  assert.deepEqual((await page.textContent("#cookies")).split("; ").sort(), ["theme=dark", "user=ann"]);
  await page.close();
});
