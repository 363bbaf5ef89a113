// Certificates that are not devproxy's: for services that speak TLS, and a user's own.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A self-signed certificate for `names` ("IP:127.0.0.1", "DNS:a.localhost"), as files and as text. It is its own CA. */
export function make_certificate(folder, file, names) {
  const files = { cert: join(folder, `${file}.pem`), key: join(folder, `${file}.key`) };
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
    "-keyout", files.key, "-out", files.cert, "-subj", `/CN=${file}`, "-addext", `subjectAltName=${names.join(",")}`],
  { stdio: ["ignore", "ignore", "pipe"], timeout: 20_000 });
  return { files, cert: readFileSync(files.cert), key: readFileSync(files.key) };
}
