// gRPC as people use it, its own client and its own server in Node, through the proxy: plain and over TLS on either side.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { make_certificate } from "./certificates.mjs";
import { deferred } from "./process.mjs";
import { Proxy, remove, temporary_folder } from "./proxy.mjs";

const require = createRequire(new URL("../browser/package.json", import.meta.url));  // where npm installs them
const grpc = require("@grpc/grpc-js");
const { Echo } = grpc.loadPackageDefinition(
  require("@grpc/proto-loader").loadSync(fileURLToPath(new URL("echo.proto", import.meta.url)))).pairs;

const limits = { "grpc.max_receive_message_length": 16 << 20 };
const handlers = {};  // what the test that runs wants of each method
const servers = [];
let folder, proxy, ca;

before(async () => {
  folder = await temporary_folder();
  const { files, cert, key } = make_certificate(folder, "service", ["IP:127.0.0.1"]);
  const listen = async (credentials) => {
    const server = new grpc.Server(limits);
    server.addService(Echo.service, Object.fromEntries(["Say", "Count", "Sum", "Talk"].map((name) => (
      [name, (...args) => handlers[name](...args)]))));
    servers.push(server);
    return new Promise((resolve, reject) => (
      server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? reject(error) : resolve(port)))));
  };
  const plain = await listen(grpc.ServerCredentials.createInsecure());
  const tls = await listen(grpc.ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }]));
  proxy = await Proxy.start(folder, `
[services.plain]
host = "plain.localhost"
url = "h2c://127.0.0.1:${plain}"
[services.tls]
host = "tls.localhost"
url = "https://127.0.0.1:${tls}"
ca = "${files.cert}"
[services.down]
host = "down.localhost"
url = "h2c://127.0.0.1:1"
hold = "0"
`);
  ca = await proxy.ca();
}, { timeout: 30_000 });

after(async () => {
  try {
    await proxy?.end();
  } finally {
    for (const server of servers) server.forceShutdown();
    if (folder) await remove(folder);
  }
}, { timeout: 30_000 });

function connect(kind, service) {
  const credentials = kind === "plain" ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(ca);
  return new Echo(`127.0.0.1:${proxy.port}`, credentials, { ...limits, "grpc.enable_http_proxy": 0,
    "grpc.default_authority": `${service}.localhost:${proxy.port}`, "grpc.ssl_target_name_override": `${service}.localhost`,
    "grpc.use_local_subchannel_pool": 1 });
}

/** A test for each kind of client with each kind of service. */
function grpc_test(name, body) {
  test(name, { timeout: 60_000 }, async (t) => {
    for (const kind of ["plain", "tls"]) {
      for (const service of ["plain", "tls"]) {
        await t.test(`${kind} to ${service}`, { timeout: 15_000 }, async () => {
          const client = connect(kind, service);
          try {
            await body(client);
          } finally {
            client.close();
          }
        });
      }
    }
  });
}

/** The answer to a call that has one: { reply, error, metadata, status }. */
function ask(client, method, note, { metadata = new grpc.Metadata(), ...options } = {}) {
  return new Promise((resolve) => {
    const got = {};
    const call = client[method](note, metadata, options, (error, reply) => Object.assign(got, { error, reply }));
    call.on("metadata", (fields) => (got.metadata = fields));
    call.on("status", (status) => resolve({ ...got, status }));
  });
}

const status_of = (call) => new Promise((resolve) => call.once("status", resolve));

grpc_test("a unary call keeps its message and the metadata of both sides", async (client) => {
  const bytes = Buffer.from([0, 1, 254, 255]);
  handlers.Say = (call, done) => {
    assert.equal(call.metadata.get("x-asked").join(", "), "one, two");
    assert.ok(call.metadata.get("x-asked-bin")[0].equals(bytes));
    const head = new grpc.Metadata();
    head.set("x-head", "early");
    call.sendMetadata(head);
    const trailer = new grpc.Metadata();
    trailer.set("x-trailer-bin", bytes);
    done(null, { text: `${call.request.text} to you` }, trailer);
  };
  const metadata = new grpc.Metadata();
  metadata.add("x-asked", "one");
  metadata.add("x-asked", "two");
  metadata.set("x-asked-bin", bytes);
  const { reply, error, metadata: head, status } = await ask(client, "Say", { text: "hello" }, { metadata });
  assert.ifError(error);
  assert.equal(reply.text, "hello to you");
  assert.deepEqual(head.get("x-head"), ["early"]);
  assert.equal(status.code, grpc.status.OK);
  assert.ok(status.metadata.get("x-trailer-bin")[0].equals(bytes));
});

grpc_test("a service streams", async (client) => {
  handlers.Count = (call) => {
    for (let i = 0; i < call.request.number; ++i) call.write({ number: i });
    call.end();
  };
  const numbers = [];
  for await (const note of client.Count({ number: 500 })) numbers.push(note.number);
  assert.deepEqual(numbers, Array.from({ length: 500 }, (_, i) => i));
});

grpc_test("a client streams", async (client) => {
  handlers.Sum = (call, done) => {
    let sum = 0;
    call.on("data", ({ number }) => (sum += number)).on("end", () => done(null, { number: sum }));
  };
  const reply = await new Promise((resolve, reject) => {
    const call = client.Sum((error, note) => (error ? reject(error) : resolve(note)));
    for (let i = 1; i <= 500; ++i) call.write({ number: i });
    call.end();
  });
  assert.equal(reply.number, 125_250);
});

grpc_test("both stream, in turn", async (client) => {
  handlers.Talk = (call) => call.on("data", ({ text }) => call.write({ text: `${text}!` })).on("end", () => call.end());
  const call = client.Talk();
  for (let i = 0; i < 50; ++i) {  // the next is said only when this one was answered
    call.write({ text: `word ${i}` });
    assert.equal((await once(call, "data"))[0].text, `word ${i}!`);
  }
  call.end();
  call.resume();
  const status = await status_of(call);
  assert.equal(status.code, grpc.status.OK);
});

grpc_test("an error without a message keeps its code, its words and its details", async (client) => {
  const details = Buffer.from("details of any kind \0\xff", "latin1");
  handlers.Say = (call, done) => {
    const metadata = new grpc.Metadata();
    metadata.set("grpc-status-details-bin", details);
    metadata.set("x-reason", "gone");
    done({ code: grpc.status.NOT_FOUND, details: "größer als 100 % ✗", metadata });
  };
  const { error } = await ask(client, "Say", {});
  assert.equal(error.code, grpc.status.NOT_FOUND);
  assert.equal(error.details, "größer als 100 % ✗");
  assert.ok(error.metadata.get("grpc-status-details-bin")[0].equals(details));
  assert.deepEqual(error.metadata.get("x-reason"), ["gone"]);
});

grpc_test("an error after some messages comes after them", async (client) => {
  handlers.Count = (call) => {
    call.write({ number: 1 });
    call.write({ number: 2 });
    call.emit("error", { code: grpc.status.RESOURCE_EXHAUSTED, details: "no more" });
  };
  const numbers = [];
  await assert.rejects(async () => {
    for await (const note of client.Count({})) numbers.push(note.number);
  }, { code: grpc.status.RESOURCE_EXHAUSTED, details: "no more" });
  assert.deepEqual(numbers, [1, 2]);
});

grpc_test("a client cancels, and the service hears of it", async (client) => {
  const cancelled = deferred();
  handlers.Talk = (call) => {
    call.on("cancelled", cancelled.resolve).on("error", () => {});
    call.write({ text: "begun" });
  };
  const call = client.Talk();
  call.on("error", () => {});
  await once(call, "data");
  call.cancel();
  assert.equal((await status_of(call)).code, grpc.status.CANCELLED);
  await cancelled.promise;
});

grpc_test("a service cancels, and the client hears of it", async (client) => {
  handlers.Talk = (call) => {
    call.on("data", () => call.emit("error", { code: grpc.status.ABORTED, details: "enough" }));
  };
  const call = client.Talk();
  call.on("error", () => {});
  call.resume();
  call.write({ text: "something" });  // and its stream stays open
  const status = await status_of(call);
  assert.deepEqual([status.code, status.details], [grpc.status.ABORTED, "enough"]);
});

grpc_test("a deadline reaches the service, and ends the call on both sides", async (client) => {
  const cancelled = deferred();
  let deadline;
  handlers.Say = (call) => {
    deadline = call.getDeadline();
    call.on("cancelled", cancelled.resolve);
  };
  for (let patience = 200; deadline === undefined; patience *= 2) {  // on a busy machine it may pass on the way already
    const { error } = await ask(client, "Say", {}, { deadline: Date.now() + patience });
    assert.equal(error.code, grpc.status.DEADLINE_EXCEEDED);
  }
  assert.ok(Number.isFinite(Number(deadline)), "the service knew the deadline");
  await cancelled.promise;
});

grpc_test("messages of 4 MiB go up and come down", async (client) => {
  const data = randomBytes(4 << 20);
  handlers.Say = (call, done) => done(null, { data: call.request.data });
  const { reply, error } = await ask(client, "Say", { data });
  assert.ifError(error);
  assert.ok(reply.data.equals(data));
});

grpc_test("a hundred calls at once share one connection to the service", async (client) => {
  const all_there = deferred();
  const peers = new Set();
  let arrived = 0;
  handlers.Say = async (call, done) => {
    peers.add(call.getPeer());
    if (++arrived === 100) all_there.resolve();
    await all_there.promise;
    done(null, { number: call.request.number * 2 });
  };
  const answers = await Promise.all(Array.from({ length: 100 }, (_, number) => ask(client, "Say", { number })));
  answers.forEach(({ error, reply }, i) => {
    assert.ifError(error);
    assert.equal(reply.number, i * 2);
  });
  assert.equal(peers.size, 1);
});

test("a service that is down is UNAVAILABLE, which clients try again", { timeout: 15_000 }, async () => {
  for (const kind of ["plain", "tls"]) {
    const client = connect(kind, "down");
    const { error } = await ask(client, "Say", {});
    client.close();
    assert.equal(error.code, grpc.status.UNAVAILABLE, error.message);
  }
});
