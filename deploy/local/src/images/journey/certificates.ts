import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Issues a certificate for a name by a new certificate authority, in PEM files that containers may read. Needs openssl. */
export function issueCertificate(folder: string, name: string) {
  mkdirSync(folder, { recursive: true });
  const file = (base: string) => join(folder, base);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    file("ca.key"),
    "-out",
    file("ca.pem"),
    "-days",
    "2",
    "-subj",
    "/CN=Own CA",
  );
  openssl("req", ...newKey, "-keyout", file("key.pem"), "-out", file("request.pem"), "-subj", `/CN=${name}`);
  writeFileSync(file("names.txt"), `subjectAltName=DNS:${name}\n`);
  const signing = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-extfile", file("names.txt")];
  openssl("x509", "-req", "-in", file("request.pem"), ...signing, "-days", "2", "-out", file("certificate.pem"));
  for (const base of ["key.pem", "certificate.pem"]) chmodSync(file(base), 0o644);
  const publicKey = new X509Certificate(readFileSync(file("certificate.pem"))).publicKey;
  return {
    authority: readFileSync(file("ca.pem"), "utf8"),
    /** Hash of the public key, by which Chromium trusts the certificate. */
    keyHash: createHash("sha256")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("base64"),
  };
}
