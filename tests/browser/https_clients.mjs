// Real programs that open an https URL, each in the way its users do: whether it got through, and what it said if not.
// Nothing leaves the machine: names are mapped to 127.0.0.1 where the program would ask DNS.
import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { Process, until } from "./process.mjs";

/** Runs a program to its end: { code, output }, both outputs in one. */
export async function run(command, args, env, limit = 60_000) {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => { output += bytes; });
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  const [code] = await once(child, "close");
  clearTimeout(timer);
  return { code, output };
}

async function curl({ host, port, path }, env) {
  return run("curl", ["-sS", "--max-time", "20", "--resolve", `${host}:${port}:127.0.0.1`, `https://${host}:${port}${path}`],
    env);
}

async function openssl({ host, port }, env) {
  return run("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", host, "-verify_hostname", host,
    "-verify_return_error"], env);
}

/** With the name as SNI: getaddrinfo of a plain Debian does not know *.localhost. */
async function node({ host, port, path }, env) {
  const script = `
    const { request } = require("node:https");
    request({ host: "127.0.0.1", servername: "${host}", port: ${port}, path: "${path}", headers: { host: "${host}" } },
      (response) => response.pipe(process.stdout)).on("error", (error) => { console.error(error.code); process.exit(1); }).end();`;
  return run(process.execPath, ["-e", script], env);
}

async function python({ host, port, path }, env) {
  const script = `
import socket, ssl
with socket.create_connection(("127.0.0.1", ${port}), 20) as plain:
    with ssl.create_default_context().wrap_socket(plain, server_hostname="${host}") as tls:
        tls.sendall(b"GET ${path} HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n")
        print(tls.recv(65536))`;
  return run("/usr/bin/python3", ["-c", script], env);
}

async function chromium({ host, port, path }, env) {
  const { output } = await run(process.env.CHROMIUM ?? "/usr/bin/chromium", ["--headless=new", "--no-sandbox",
    "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP example.com 127.0.0.1", `--user-data-dir=${join(env.HOME, "chromium")}`, "--dump-dom",
    `https://${host}:${port}${path}`], env);
  return { code: output.includes("hello from behind") ? 0 : 1, output };
}

/**
 * Its page is not printed, and at an error page it waits for ever. So the verdict is what the wire says: the request came,
 * or the server was told that its certificate will not do. (It also opens connections that it never uses.)
 */
async function firefox({ host, port, path, arrived, refused }, env) {
  const browser = new Process("firefox", "firefox-esr", ["--headless", "--no-remote", "--profile", firefox_profile(env.HOME),
    "--screenshot", join(env.HOME, "firefox.png"), `https://${host}:${port}${path}`], { env });
  try {
    await until("Firefox to accept or refuse a certificate", () => refused() || arrived(path), 120_000);
  } finally {
    await browser.end();
  }
  return { code: arrived(path) ? 0 : 1, output: browser.output };
}

export const clients = { curl, openssl, node, python, chromium, firefox };

export function firefox_profile(home) {
  return join(home, ".mozilla/firefox/test.default");
}

/** A profile with a certificate database, as the first start leaves it; and no talk to the outside. */
export async function make_firefox_profile(home, env) {
  const folder = firefox_profile(home);
  await mkdir(folder, { recursive: true });
  const prefs = { "network.dns.localDomains": "example.com", "network.captive-portal-service.enabled": false,
    "network.connectivity-service.enabled": false, "app.update.enabled": false, "app.normandy.enabled": false,
    "datareporting.policy.dataSubmissionEnabled": false, "extensions.update.enabled": false,
    "browser.safebrowsing.provider.mozilla.updateURL": "", "services.settings.server": "http://127.0.0.1:9/",
    "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9, "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9, "network.proxy.no_proxies_on": "example.com" };
  await writeFile(join(folder, "user.js"),
    Object.entries(prefs).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`).join(""));
  return run("certutil", ["-N", "-d", `sql:${folder}`, "--empty-password"], env);
}
