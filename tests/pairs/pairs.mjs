// The table: every kind of client with every kind of service, through one proxy.
import { after, before, test } from "node:test";
import { kinds as client_kinds, make_client } from "./clients.mjs";
import { Proxy, remove, temporary_folder } from "./proxy.mjs";
import { kinds as service_kinds, Services } from "./services.mjs";

let folder, proxy;
/** The services of this test file, once it runs. */
export let services;
const clients = new Map();

before(async () => {
  folder = await temporary_folder();
  services = await Services.open(folder);
  proxy = await Proxy.start(folder, services.toml());
  const ca = await proxy.ca();
  for (const kind of client_kinds) clients.set(kind, make_client(kind, proxy, ca));
}, { timeout: 30_000 });

after(async () => {
  for (const client of clients.values()) client.close();
  try {
    await proxy?.end();
  } finally {
    await services?.close();
    if (folder) await remove(folder);
  }
}, { timeout: 30_000 });

/**
 * A test for each pair: body({ client, service, host, call }). `service` is a kind, and call(path, options) calls it.
 * `of_clients` and `of_services` choose among the kinds; so does DEVPROXY_PAIRS, for whoever looks for an error:
 * DEVPROXY_PAIRS='^h2c to h1$' leaves one pair.
 */
export function pairs_test(name, body, { of_clients = () => true, of_services = () => true } = {}) {
  const chosen = new RegExp(process.env.DEVPROXY_PAIRS ?? "");
  const pairs = client_kinds.filter(of_clients).flatMap((client) => service_kinds.filter(of_services).map((service) => (
    { name: `${client} to ${service}`, kind: client, service }))).filter(({ name: pair }) => chosen.test(pair));
  test(name, { concurrency: 4, timeout: 60_000 }, async (t) => {
    await Promise.all(pairs.map(({ name: pair, kind, service }) => (
      t.test(pair, { timeout: 20_000 }, () => {
        const client = clients.get(kind);
        const host = `${service}.localhost`;
        return body({ client, service, host, call: (path, options) => client.call(host, path, options) });
      }))));
  });
}
