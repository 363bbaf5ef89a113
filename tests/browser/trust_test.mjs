// What `trust` is for: real clients refuse a local name before it, accept it afterwards, and refuse it again after
// `untrust`; and a certificate for example.com that the very same CA signed is accepted by none of them.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as create_tls_server } from "node:https";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { clients, make_firefox_profile, run } from "./https_clients.mjs";
import { Proxy } from "./proxy.mjs";

const system_store = process.env.DEVPROXY_SYSTEM_STORE === "yes";
/** Nothing of this machine's own settings: no CA variables, no XDG folders. */
const environment = (home, more = {}) => ({ HOME: home, PATH: process.env.PATH, LANG: "C.UTF-8", NO_COLOR: "1",
  ...(process.env.ASAN_OPTIONS ? { ASAN_OPTIONS: process.env.ASAN_OPTIONS } : {}), ...more });
const devproxy = (args, env) => run(process.env.DEVPROXY_BINARY, args, env);

const seen = new Set();
const arrived = (path) => seen.has(path);
function answer(request, response) {
  seen.add(request.url);
  response.end("hello from behind\n");
}
async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

/** By port: how many clients have sent that server an alert instead of the end of their handshake. */
const alerts = new Map();

let asked = 0;
/** Every client's verdict on one name: { curl: true, … }; and what each said. */
async function verdicts(host, port, env, names = Object.keys(clients)) {
  const found = {};
  const said = {};
  for (const name of names) {
    const path = `/asked-${++asked}`;
    const before = alerts.get(port)();
    const refused = () => alerts.get(port)() > before;
    const { code, output } = await clients[name]({ host, port, path, arrived, refused }, env);
    found[name] = code === 0;
    said[name] = output;
  }
  return { found, said };
}
const all = (value, names = Object.keys(clients)) => Object.fromEntries(names.map((name) => [name, value]));

/** A server with a certificate for `host`, signed by the CA in `state`, as a thief of its key could make one. */
async function forged_server(folder, state, host) {
  const file = (name) => join(folder, `forged.${name}`);
  await writeFile(file("ext"), `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n`);
  const env = environment(folder);
  for (const args of [
    ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", `/CN=${host}`,
      "-keyout", file("key"), "-out", file("csr")],
    ["x509", "-req", "-in", file("csr"), "-CA", join(state, "ca.pem"), "-CAkey", join(state, "ca.key"), "-days", "30",
      "-extfile", file("ext"), "-out", file("pem")]]) {
    const { code, output } = await run("openssl", args, env);
    assert.equal(code, 0, output);
  }
  return create_tls_server({ key: readFileSync(file("key")), cert: readFileSync(file("pem")) }, answer);
}

test("real clients trust local names after trust, and only then, and nothing else ever", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "devproxy-trust-"));
  const env = environment(folder);
  const state = join(folder, ".local/state/devproxy");
  const service = createServer(answer);
  t.after(() => rm(folder, { recursive: true, force: true }));
  t.after(() => service.close());
  const behind = await listen(service);
  const file = join(folder, "devproxy.toml");
  await writeFile(file, `[services.web]\nhost = "shop.localhost"\nport = ${behind}\n[proxy]\nlisten = ["127.0.0.1:0"]\nlog = "debug"\n`);
  await make_firefox_profile(folder, env);

  const variables = await devproxy(["env", "--json"], env);  // makes the CA
  assert.equal(variables.code, 0, variables.output);
  const { set } = JSON.parse(variables.output);

  const proxy = await Proxy.start(file, folder, env);
  t.after(() => proxy.end());
  alerts.set(proxy.port, () => proxy.process.output.split(/gave up TLS.* alert /).length);
  const forged = await forged_server(folder, state, "example.com");
  t.after(() => forged.close());
  const forged_port = await listen(forged);
  let forged_alerts = 0;
  forged.on("tlsClientError", (error) => { forged_alerts += /ALERT/.test(error.code) ? 1 : 0; });
  alerts.set(forged_port, () => forged_alerts);

  await t.test("before, all of them refuse", async () => {
    const { found, said } = await verdicts("shop.localhost", proxy.port, env);
    assert.deepEqual(found, all(false), JSON.stringify(said, null, 1));
    const check = await devproxy(["trust", "--check"], env);
    assert.equal(check.code, 1, check.output);
  });

  const trusting = system_store ? Object.keys(clients) : ["chromium", "firefox"];
  await t.test("after trust, all of them accept", async () => {
    const done = await devproxy(["trust", "--json"], env);
    const { stores, left } = JSON.parse(done.output);
    if (system_store) {
      assert.equal(done.code, 0, done.output);
      assert.deepEqual(left, []);
      assert.ok(stores.some((store) => store.kind === "system" && store.state === "trusted"), done.output);
    }
    const browsers = stores.filter((store) => store.kind === "browser" && store.state !== "not_present");
    assert.deepEqual(browsers.map((store) => [store.name, store.state]),
      [["Chrome, Chromium", "trusted"], ["Firefox", "trusted"]], done.output);
    const names = trusting.filter((name) => name !== "node");
    const { found, said } = await verdicts("shop.localhost", proxy.port, env, names);
    assert.deepEqual(found, all(true, names), JSON.stringify(said, null, 1));
  });

  await t.test("Node, which asks no store, accepts with NODE_EXTRA_CA_CERTS", async () => {
    const without = await verdicts("shop.localhost", proxy.port, env, ["node"]);
    assert.equal(without.found.node, false, without.said.node);
    const extra = { ...env, NODE_EXTRA_CA_CERTS: set.NODE_EXTRA_CA_CERTS };
    const within = await verdicts("shop.localhost", proxy.port, extra, ["node"]);
    assert.equal(within.found.node, true, within.said.node);
  });

  await t.test("a certificate of the same CA for example.com is refused by all", async () => {
    const { found, said } = await verdicts("example.com", forged_port, { ...env, ...set });
    assert.deepEqual(found, all(false), JSON.stringify(said, null, 1));
    assert.match(said.openssl, /permitted subtree violation/);
  });

  await t.test("after untrust, all of them refuse again, and nothing is left", async () => {
    const done = await devproxy(["untrust", "--json"], env);
    if (system_store) assert.equal(done.code, 0, done.output);
    const { found, said } = await verdicts("shop.localhost", proxy.port, env, trusting);
    assert.deepEqual(found, all(false, trusting), JSON.stringify(said, null, 1));
    const again = JSON.parse((await devproxy(["untrust", "--json"], env)).output);
    assert.ok(again.stores.every((store) => !store.changed), JSON.stringify(again));
  });

  await t.test("the variables of devproxy env are enough for whatever reads them", async () => {
    const names = ["curl", "openssl", "node", "python"];
    const { found, said } = await verdicts("shop.localhost", proxy.port, { ...env, ...set }, names);
    assert.deepEqual(found, all(true, names), JSON.stringify(said, null, 1));
  });
});

test("the lines of devproxy env are taken by every shell, whatever the folder is called", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "devproxy it's $HOME "));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const env = environment(folder, { PIP_CERT: "/etc/my own.pem" });
  for (const shell of ["sh", "bash", "zsh"]) {
    const script = `eval "$(${process.env.DEVPROXY_BINARY} env)" && printf '%s|' "$NODE_EXTRA_CA_CERTS" "$SSL_CERT_FILE" "$PIP_CERT"`;
    const { code, output } = await run(shell, ["-c", script], env);
    const state = join(folder, ".local/state/devproxy");
    assert.equal(output, `${state}/ca.pem|${state}/ca-bundle.pem|/etc/my own.pem|`, shell);
    assert.equal(code, 0, shell);
  }
});
