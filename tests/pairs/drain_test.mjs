// The quiet end: GOAWAY tells clients of HTTP/2 to go elsewhere, and what is under way is finished.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { deferred } from "./process.mjs";
import { Proxy, remove, temporary_folder } from "./proxy.mjs";
import { dial, open_session } from "./stage.mjs";

for (const kind of ["h2c", "h2 over TLS"]) {
  test(`${kind}: streams finish after SIGTERM, new ones are refused, then all is closed`, { timeout: 30_000 }, async (t) => {
    const arrived = deferred();
    const service = createServer((request, response) => {
      response.write("begun ");
      arrived.resolve(response);
    });
    service.listen(0, "127.0.0.1");
    await once(service, "listening");
    const folder = await temporary_folder();
    let proxy;
    t.after(async () => {
      await proxy?.kill();
      service.closeAllConnections();
      service.close();
      await remove(folder);
    });
    proxy = await Proxy.start(folder, `[services.a]\nhost = "a.localhost"\nport = ${service.address().port}\n`);
    const tls = kind === "h2c" ? undefined : { ca: await proxy.ca(), servername: "a.localhost", ALPNProtocols: ["h2"] };
    const session = open_session(t, await dial(proxy.port, { tls }));
    const request = session.request({ ":authority": "a.localhost", ":path": "/" });
    const response = await arrived.promise;
    await once(request, "data");
    const notice = once(session, "goaway");
    proxy.signal("SIGTERM");
    const [code] = await notice;
    assert.equal(code, 0, "NO_ERROR");
    await assert.rejects(dial(proxy.port), { code: "ECONNREFUSED" });
    response.end("and finished");
    let rest = "";
    for await (const piece of request) rest += piece;
    assert.equal(rest, "and finished");
    assert.equal(await proxy.ended, 0);
  });
}
