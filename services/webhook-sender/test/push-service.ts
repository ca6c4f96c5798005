import { createDecipheriv, createECDH, createHmac, createPublicKey, type ECDH, randomBytes, verify } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A notice as the browser decrypts it. */
export interface ReceivedPush {
  path: string;
  headers: IncomingHttpHeaders;
  payload: unknown;
  /** The claims of the sender's token, whose signature is verified. */
  claims: { aud: string; sub: string };
}

/** A browser with its push service: a real HTTP endpoint that decrypts notices as RFC 8291 describes. */
export class PushService {
  readonly received: ReceivedPush[] = [];
  /** Status for all further notices. */
  status = 201;
  attempts = 0;
  private readonly keyPair: ECDH = createECDH("prime256v1");
  private readonly auth = randomBytes(16);

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {
    this.keyPair.generateKeys();
  }

  static async listen(): Promise<PushService> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const service = new PushService(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", async (req, res) => {
      const body = await buffer(req);
      service.attempts += 1;
      if (service.status < 300) {
        const { claims } = verifyVapid(req.headers.authorization ?? "");
        const payload: unknown = JSON.parse(service.decrypt(body));
        service.received.push({ path: req.url ?? "", headers: req.headers, payload, claims });
      }
      res.writeHead(service.status).end();
    });
    return service;
  }

  /** What the browser would hand to the page. */
  subscription(name: string) {
    const keys = { p256dh: this.keyPair.getPublicKey("base64url"), auth: this.auth.toString("base64url") };
    return { endpoint: `${this.origin}/${name}`, keys };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private decrypt(body: Buffer): string {
    const salt = body.subarray(0, 16);
    const senderKey = body.subarray(21, 21 + body.readUInt8(20));
    const encrypted = body.subarray(21 + senderKey.length);
    const shared = hmac(this.auth, this.keyPair.computeSecret(senderKey));
    const info = Buffer.concat([
      Buffer.from("WebPush: info\0"),
      this.keyPair.getPublicKey(),
      senderKey,
      Buffer.from([1]),
    ]);
    const pseudoRandom = hmac(salt, hmac(shared, info));
    const key = hmac(pseudoRandom, Buffer.from("Content-Encoding: aes128gcm\0\x01")).subarray(0, 16);
    const nonce = hmac(pseudoRandom, Buffer.from("Content-Encoding: nonce\0\x01")).subarray(0, 12);
    const decipher = createDecipheriv("aes-128-gcm", key, nonce).setAuthTag(encrypted.subarray(-16));
    const padded = Buffer.concat([decipher.update(encrypted.subarray(0, -16)), decipher.final()]);
    return padded.subarray(0, padded.lastIndexOf(2)).toString();
  }
}

const hmac = (key: Buffer, data: Buffer) => createHmac("sha256", key).update(data).digest();

/** Verifies the header of RFC 8292: `vapid t=<token>, k=<public key>`. */
function verifyVapid(header: string): Pick<ReceivedPush, "claims"> {
  const { token = "", key = "" } = /^vapid t=(?<token>[^,]+), k=(?<key>.+)$/.exec(header)?.groups ?? {};
  const [head, body, signature = ""] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  const publicKey = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" } as const;
  const isValid = verify("sha256", Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, "base64url"));
  if (!isValid) throw new Error("the signature of the sender is wrong");
  return { claims: JSON.parse(Buffer.from(body ?? "", "base64url").toString()) };
}
