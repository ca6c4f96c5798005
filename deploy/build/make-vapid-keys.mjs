// Prints a new key pair for push notices, for VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY.
import { createECDH } from "node:crypto";

const pair = createECDH("prime256v1");
pair.generateKeys();
const privateKey = pair.getPrivateKey();
// OpenSSL omits leading zeros.
const padded = Buffer.concat([Buffer.alloc(32 - privateKey.length), privateKey]);
console.log(`VAPID_PUBLIC_KEY=${pair.getPublicKey("base64url")}\nVAPID_PRIVATE_KEY=${padded.toString("base64url")}`);
