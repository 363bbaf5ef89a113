// A proxy of a test's own, in front of one service that answers with what it was asked; and connections made by hand.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect as connect_http2 } from "node:http2";
import { connect as connect_plain } from "node:net";
import { connect as connect_tls } from "node:tls";
import { Proxy, remove, temporary_folder } from "./proxy.mjs";

/** `toml({ port, folder })` gives the services, `settings(...)` what stands in [proxy]. All ends with the test. */
export async function open_stage(t, toml, settings = () => 'listen = ["127.0.0.1:0"]') {
  const stage = { folder: await temporary_folder(), answer: {} };
  const service = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/json", ...stage.answer });
    response.end(JSON.stringify({ host: request.headers.host, url: request.url, proto: request.headers["x-forwarded-proto"],
      version: request.headers.via?.split(" ")[0] }));
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  t.after(async () => {
    try {
      await stage.proxy?.end();
    } finally {
      service.closeAllConnections();
      service.close();
      await remove(stage.folder);
    }
  });
  const place = { port: service.address().port, folder: stage.folder };
  stage.proxy = await Proxy.start(stage.folder, await toml(place), settings(place));
  return stage;
}

/** One service on all the hosts that are given. */
export const on_hosts = (...hosts) => ({ port }) => (
  hosts.map((host, i) => `[services.s${i}]\nhost = "${host}"\nport = ${port}\n`).join(""));

/** A connection to the proxy, open and if `tls` is given, with its handshake done. */
export async function dial(port, { host = "127.0.0.1", tls } = {}) {
  const socket = tls ? connect_tls({ host, port, ...tls }) : connect_plain(port, host);
  await once(socket, tls ? "secureConnect" : "connect");
  return socket.on("error", () => {});
}

/** Everything that comes until the other side ends it. */
export async function read_all(socket) {
  const pieces = [];
  try {
    for await (const piece of socket) pieces.push(piece);
  } catch (error) {
    if (error.code !== "ECONNRESET") throw error;
  }
  return Buffer.concat(pieces).toString("latin1");
}

/** One request of HTTP/1.1 on `socket`, which then is at its end: { status, headers, body }. */
export async function ask_http1(socket, authority, path = "/", { method = "GET", fields = "" } = {}) {
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n${fields}\r\n`);
  const text = await read_all(socket);
  const [head, body] = [text.slice(0, text.indexOf("\r\n\r\n")), text.slice(text.indexOf("\r\n\r\n") + 4)];
  const [start, ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]));
  return { status: Number(start.split(" ")[1]), headers, body: headers["transfer-encoding"] ? unchunked(body) : body };
}

function unchunked(body) {
  let text = "";
  for (let at = 0; ;) {
    const line = body.indexOf("\r\n", at);
    const size = parseInt(body.slice(at, line), 16);
    if (!(size > 0)) return text;
    text += body.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}

/** HTTP/2 on a connection that is there. */
export function open_session(t, socket) {
  const session = connect_http2("http://any", { createConnection: () => socket });
  session.on("error", () => {});
  t.after(() => session.destroy());
  return session;
}

/** One request on `session`: { status, headers, body }. */
export async function ask_http2(session, authority, path = "/", headers = {}) {
  const scheme = session.socket.encrypted ? "https" : "http";
  const request = session.request({ ":authority": authority, ":path": path, ":scheme": scheme, ...headers });
  const [head] = await once(request, "response");
  let body = "";
  for await (const piece of request) body += piece;
  return { status: head[":status"], headers: head, body };
}
