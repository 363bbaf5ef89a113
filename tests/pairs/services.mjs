// The five kinds of services, all in this process and all with the same handlers, so that a test sees both ends at once.
import { createServer as create_http1 } from "node:http";
import { createServer as create_http1_tls } from "node:https";
import { createServer as create_http2, createSecureServer as create_http2_tls } from "node:http2";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { make_certificate } from "./certificates.mjs";

/** What each kind is called here and in its host, `<kind>.localhost`. */
export const kinds = ["h1", "h1-tls", "h2c", "h2-tls", "unix"];
export const speaks_http2 = (kind) => kind.startsWith("h2");

export class Services {
  /** How many connections each kind has accepted. */
  connections = Object.fromEntries(kinds.map((kind) => [kind, 0]));

  static async open(folder) {
    const services = new Services();
    services.certificate = make_certificate(folder, "service", ["IP:127.0.0.1", "DNS:localhost"]);
    const { cert, key } = services.certificate;
    const settings = { enableConnectProtocol: true };
    services.#servers = { "h1": create_http1(), "h1-tls": create_http1_tls({ cert, key, allowHalfOpen: true }), "h2c": create_http2({ settings }),
      "h2-tls": create_http2_tls({ cert, key, settings }), "unix": create_http1() };
    services.#socket = join(folder, "service.sock");
    for (const [kind, server] of Object.entries(services.#servers)) await services.#listen(kind, server);
    return services;
  }

  /** [services.<kind>] for each of them, as TOML. */
  toml() {
    const port = (kind) => this.#servers[kind].address().port;
    const ca = `ca = "${this.certificate.files.cert}"`;
    const targets = { "h1": `port = ${port("h1")}`, "h1-tls": `url = "https://127.0.0.1:${port("h1-tls")}"\n${ca}`,
      "h2c": `url = "h2c://127.0.0.1:${port("h2c")}"`, "h2-tls": `url = "https://127.0.0.1:${port("h2-tls")}"\n${ca}`,
      "unix": `url = "unix:${this.#socket}"` };
    return kinds.map((kind) => `[services.${kind}]\nhost = "${kind}.localhost"\n${targets[kind]}\n`).join("");
  }

  /** A new path, whose requests (and those below it) go to `handler(request, response)`, whichever service they reach. */
  serve(handler) {
    return this.#path({ request: handler });
  }

  /** The same for `Expect: 100-continue`, which is then the handler's to answer. */
  serve_expecting(handler) {
    return this.#path({ expecting: handler });
  }

  /** The same for WebSockets, opened already: handler(stream, request). `subprotocol` is what the answer chooses. */
  serve_socket(handler, subprotocol) {
    return this.#path({ socket: handler, subprotocol });
  }

  async close() {
    for (const connection of this.#open) connection.destroy();
    for (const server of Object.values(this.#servers)) {
      server.close();
      await once(server, "close");
    }
  }

  async #listen(kind, server) {
    server.on("connection", (socket) => {
      this.connections[kind] += 1;
      socket.on("error", () => {});  // a proxy may drop a connection as it likes; the tests look at requests
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
    const find = (request) => this.#handlers.get(request.url.split(/[/?]/, 2)[1]) ?? {};
    const guard = (message) => message.on("error", () => {});
    const answer = (handler) => (request, response) => {
      guard(request);
      guard(response);
      request.kind = kind;
      if (handler(request)) return handler(request)(request, response);
      response.writeHead(501).end(`nobody waits for ${request.url}`);
    };
    server.on("request", answer((request) => find(request).request));
    server.on("checkContinue", answer((request) => find(request).expecting));
    server.on("upgrade", (request, socket) => {
      const { socket: handler, subprotocol } = find(request);
      guard(socket);
      if (!handler) return socket.end("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      const chosen = subprotocol ? `Sec-WebSocket-Protocol: ${subprotocol}\r\n` : "";
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`);
      handler(socket, request);
    });
    server.on("connect", (request, response) => {  // RFC 8441; only node:http2 comes here, HTTP/1's has no response
      const { socket: handler, subprotocol } = find(request);
      if (!handler || request.headers[":protocol"] !== "websocket") return response.writeHead(501).end();
      guard(response.stream);
      response.stream.respond({ ":status": 200, ...(subprotocol && { "sec-websocket-protocol": subprotocol }) });
      handler(response.stream, request);
    });
    if (kind === "unix") server.listen(this.#socket);
    else server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }

  #path(what) {
    const name = `${++this.#count}`;
    this.#handlers.set(name, what);
    return `/${name}`;
  }

  #servers;
  #socket;
  #handlers = new Map();
  #open = new Set();
  #count = 0;
}

/** The authority that the client named, however it said so. */
export const authority_of = (request) => request.headers[":authority"] ?? request.headers.host;

/** Every value of a field, in their order, without what Node makes of them. */
export function values_of(message, name) {
  const { rawHeaders: raw } = message;
  return raw.filter((_, i) => i % 2 === 1 && raw[i - 1].toLowerCase() === name);
}
