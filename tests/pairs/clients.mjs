// The four kinds of clients, with one way to call through them: Http1Client and Http2Client, each plain or over TLS.
import { Agent, request as request_plain } from "node:http";
import { Agent as TlsAgent, request as request_tls } from "node:https";
import { connect as connect_http2 } from "node:http2";
import { once } from "node:events";
import { connect as connect_tls } from "node:tls";
import { connect as connect_plain } from "node:net";

export const kinds = ["h1", "h1-tls", "h2-tls", "h2c"];

export function make_client(kind, proxy, ca) {
  const tls = kind.endsWith("-tls") ? { ca } : undefined;
  return kind.startsWith("h1") ? new Http1Client(kind, proxy.port, tls) : new Http2Client(kind, proxy.port, tls);
}

/** One request and its response. `request` is the stream to write to, `interim` what came before the final head. */
class Call {
  interim = [];

  constructor(request) {
    this.request = request;
    this.failure = once(request, "error").then(([error]) => error);
    request.on("error", () => {});
    this.continued = new Promise((resolve) => request.once("continue", resolve));
    this.first_interim = new Promise((resolve) => (this.on_interim = (status, headers) => {
      this.interim.push({ status, headers });
      resolve();
    }));
  }

  /** The final head: { status, headers, raw }. Fails when none comes. */
  get head() {
    return Promise.race([this.answered, this.failure.then((error) => Promise.reject(error))]);
  }

  async bytes() {
    const { body } = await this.head;
    const pieces = [];
    for await (const piece of body) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async text() {
    return `${await this.bytes()}`;
  }
}

class Http1Call extends Call {
  constructor(request, body, trailers) {
    super(request);
    request.on("information", ({ statusCode, headers }) => this.on_interim(statusCode, headers));
    this.answered = once(request, "response").then(([response]) => {
      this.#response = response;
      response.on("error", () => {});
      return { status: response.statusCode, headers: response.headers, raw: response.rawHeaders, body: response };
    });
    this.answered.catch(() => {});
    if (trailers) request.addTrailers(trailers);
    if (body !== "stream") request.end(body);
    else request.flushHeaders();
  }

  /** Known when the body ended. */
  get trailers() {
    return this.#response.trailers;
  }

  cancel() {
    this.request.destroy();
  }

  #response;
}

class Http2Call extends Call {
  constructor(request, body, trailers) {
    super(request);
    request.on("headers", (headers) => this.on_interim(headers[":status"], headers));
    request.on("trailers", (fields) => (this.trailers = { ...fields }));
    this.answered = once(request, "response").then(([headers, , raw]) => (
      { status: headers[":status"], headers, raw: raw ?? [], body: request }));
    this.answered.catch(() => {});
    if (trailers) request.once("wantTrailers", () => request.sendTrailers(trailers));
    if (body !== undefined && body !== "stream") request.end(body);
  }

  trailers = {};

  cancel() {
    this.request.close(8);  // CANCEL
  }
}

export class Http1Client {
  constructor(kind, port, tls) {
    Object.assign(this, { kind, port, tls });
    this.agent = tls ? new TlsAgent({ keepAlive: true, ca: tls.ca }) : new Agent({ keepAlive: true });
  }

  /** body: nothing, bytes that are sent with their length, or "stream": the caller writes and ends call.request. */
  call(host, path, { method = "GET", headers = {}, body, trailers, ...more } = {}) {
    const length = body !== undefined && body !== "stream" ? { "content-length": Buffer.byteLength(body) } : {};
    const te = headers.te ? { connection: "keep-alive, TE" } : {};
    const options = { host: "127.0.0.1", port: this.port, path, method, agent: this.agent,
      ...more, headers: { host: `${host}:${this.port}`, ...length, ...te, ...headers } };
    const request = this.tls ? request_tls({ ...options, servername: host, ca: this.tls.ca }) : request_plain(options);
    return new Http1Call(request, body, trailers);
  }

  /** A WebSocket: { stream, head }, or only the head when the answer is no. */
  async open_socket(host, path, headers = {}) {
    const socket = await this.dial(host);
    const call = this.call(host, path, { agent: undefined, createConnection: () => socket, headers: { "connection": "Upgrade", "upgrade": "websocket",
      "sec-websocket-key": Buffer.alloc(16, 7).toString("base64"), "sec-websocket-version": "13", ...headers } });
    const upgraded = once(call.request, "upgrade").then(([response, stream, first]) => {
      if (first.length > 0) stream.unshift(first);
      stream.on("error", () => {});
      return { stream, head: { status: response.statusCode, headers: response.headers } };
    });
    upgraded.catch(() => {});
    return Promise.race([upgraded, call.head.then((head) => ({ head }))]);
  }

  /** A connection of its own, whose halves end one by one. */
  async dial(host) {
    const options = { host: "127.0.0.1", port: this.port, allowHalfOpen: true };
    const socket = this.tls ? connect_tls({ ...options, servername: host, ca: this.tls.ca, ALPNProtocols: ["http/1.1"] })
      : connect_plain(options);
    await once(socket, this.tls ? "secureConnect" : "connect");
    return socket.on("error", () => {});
  }

  close() {
    this.agent.destroy();
  }
}

export class Http2Client {
  constructor(kind, port, tls) {
    Object.assign(this, { kind, port, tls });
  }

  call(host, path, { method = "GET", headers = {}, body, trailers } = {}) {
    const length = body !== undefined && body !== "stream" ? { "content-length": Buffer.byteLength(body) } : {};
    const request = this.session(host).request({ ":method": method, ":path": path, ":authority": `${host}:${this.port}`,
      ...length, ...headers }, { endStream: body === undefined, waitForTrailers: trailers !== undefined });
    return new Http2Call(request, body, trailers);
  }

  /** A WebSocket over HTTP/2 (RFC 8441), asked for once the proxy says that it knows them. */
  async open_socket(host, path, headers = {}) {
    const session = this.session(host);
    if (session.remoteSettings?.enableConnectProtocol === undefined) await once(session, "remoteSettings");
    if (!session.remoteSettings.enableConnectProtocol) throw new Error("RFC 8441 is not advertised");
    const stream = session.request({ ":method": "CONNECT", ":protocol": "websocket", ":path": path,
      ":scheme": this.tls ? "https" : "http", ":authority": `${host}:${this.port}`, "sec-websocket-version": "13", ...headers },
    { endStream: false });
    const [answer] = await once(stream, "response");
    stream.on("error", () => {});
    const head = { status: answer[":status"], headers: answer };
    return head.status === 200 ? { stream, head } : { head };
  }

  /** The one connection for `host`; over TLS that is also the name it asks for. */
  session(host) {
    const known = this.#sessions.get(host);
    if (known && !known.closed && !known.destroyed) return known;
    const { port, tls } = this;
    const origin = `${tls ? "https" : "http"}://${host}:${port}`;
    const session = connect_http2(origin, { createConnection: () => (tls
      ? connect_tls({ host: "127.0.0.1", port, servername: host, ca: tls.ca, ALPNProtocols: ["h2"] })
      : connect_plain(port, "127.0.0.1")) });
    session.on("error", () => {});
    this.#sessions.set(host, session);
    return session;
  }

  close() {
    for (const session of this.#sessions.values()) session.destroy();
  }

  #sessions = new Map();
}
