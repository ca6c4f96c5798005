import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";

const tag = { integer: 0x02, bitString: 0x03, oid: 0x06, utf8: 0x0c, time: 0x17, sequence: 0x30, set: 0x31 };

function der(type: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}
const utcTime = (date: Date) => der(tag.time, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));

/**
 * Creates a self-signed certificate, so that neither openssl nor a key in the repository is needed. The browser must be configured
 * to accept it.
 */
export function selfSignedCertificate(host: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = der(tag.sequence, der(tag.oid, Buffer.from("2a8648ce3d040302", "hex")));
  const commonName = der(tag.sequence, der(tag.oid, Buffer.from("550403", "hex")), der(tag.utf8, Buffer.from(host)));
  const name = der(tag.sequence, der(tag.set, commonName));
  const dayMs = 86_400_000;
  const body = der(
    tag.sequence,
    der(tag.integer, Buffer.from([0x01]), randomBytes(8)),
    ecdsaWithSha256,
    name,
    der(tag.sequence, utcTime(new Date(Date.now() - dayMs)), utcTime(new Date(Date.now() + 365 * dayMs))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = createSign("sha256").update(body).sign(privateKey);
  const certificate = der(tag.sequence, body, ecdsaWithSha256, der(tag.bitString, Buffer.from([0x00]), signature));
  const base64 = certificate.toString("base64").replace(/.{64}(?!$)/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}
