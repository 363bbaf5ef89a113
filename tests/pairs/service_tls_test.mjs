// Services that speak TLS: verified by default, with a CA of their own, or not at all when that is asked for.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import { test } from "node:test";
import { make_certificate } from "./certificates.mjs";
import { ask_http1, dial, open_stage } from "./stage.mjs";

const kinds = {
  "HTTP/1": (certificate) => createServer(certificate),
  "HTTP/2": (certificate) => createSecureServer(certificate),
};

for (const [kind, create] of Object.entries(kinds)) {
  test(`a service that speaks ${kind} over TLS`, { timeout: 30_000 }, async (t) => {
    let service, names;
    const { proxy } = await open_stage(t, async ({ folder }) => {
      const good = make_certificate(folder, "good", ["IP:127.0.0.1"]);
      const other = make_certificate(folder, "other", ["DNS:other.localhost"]);
      service = create(good).on("request", (request, response) => {
        names = request.socket.servername;
        response.end("it is me");
      });
      const stranger = create(other).on("request", (request, response) => response.end("nobody should see this"));
      for (const server of [service, stranger]) {
        server.on("sessionError", () => {}).on("tlsClientError", () => {}).listen(0, "127.0.0.1");
        await once(server, "listening");
        t.after(() => server.close());
      }
      const url = (server) => `url = "https://127.0.0.1:${server.address().port}"\nhold = "0"\n`;
      return `[services.trusted]\nhost = "trusted.localhost"\n${url(service)}ca = "${good.files.cert}"
[services.insecure]\nhost = "insecure.localhost"\n${url(service)}insecure = true
[services.unknown]\nhost = "unknown.localhost"\n${url(service)}
[services.stranger]\nhost = "stranger.localhost"\n${url(stranger)}ca = "${other.files.cert}"
`;
    });
    const ask = async (host, accept = "*/*") => ask_http1(await dial(proxy.port), host, "/", { fields: `Accept: ${accept}\r\n` });

    for (const host of ["trusted.localhost", "insecure.localhost"]) {
      const { status, body } = await ask(host);
      assert.deepEqual([status, body], [200, "it is me"], host);
    }
    assert.ok(!names, "an address is no SNI");
    for (const [host, service_name, why] of [["unknown.localhost", "unknown", /self[- ]signed/], ["stranger.localhost", "stranger", /127\.0\.0\.1|mismatch/]]) {
      const { status, headers, body } = await ask(host);
      assert.equal(status, 502, body);
      assert.match(headers["content-type"], /problem\+json/);
      assert.match(body, why);
      assert.doesNotMatch(body, /nobody should see this/);
      const page = await ask(host, "text/html");
      assert.equal(page.status, 502);
      assert.match(page.headers["content-type"], /text\/html/);
      assert.match(page.body, /certificate/i);
      assert.match(page.body, /insecure|ca =/, `the next step for ${service_name}`);
    }
  });
}
