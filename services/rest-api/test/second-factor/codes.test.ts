import { randomBytes } from "node:crypto";
import { accountKeyPurpose, MasterKeys, SealedSecrets } from "@syszap/platform";
import { expect, test } from "vitest";
import { hashRecoveryCode, newRecoveryCodes } from "../../src/second-factor/recovery-codes.ts";
import { newSecret, setupOf, timeStepOf } from "../../src/second-factor/totp.ts";

const keyText = () => randomBytes(32).toString("base64");
const sealedBy = (...keys: string[]) =>
  new SealedSecrets(MasterKeys.parse(keys.join(","), accountKeyPurpose), "second factor");

test("accepts the codes of RFC 6238", () => {
  const secret = Buffer.from("12345678901234567890");
  const vectors = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
  };
  for (const [seconds, code] of Object.entries(vectors))
    expect(timeStepOf(secret, code, Number(seconds) * 1_000)).toBe(Math.floor(Number(seconds) / 30));
});

test("accepts a code from one time step before until one time step after its own", () => {
  const secret = Buffer.from("12345678901234567890");
  const [step, code] = [Math.floor(1111111109 / 30), "081804"];
  const steps = [-2, -1, 0, 1, 2].map((offset) => timeStepOf(secret, code, (step + offset) * 30_000));
  expect(steps).toEqual([undefined, step, step, step, undefined]);
});

test("describes the secret for authenticator apps", async () => {
  const { secret, uri, qrCode } = await setupOf(newSecret(), "ana@padaria.example");
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(Object.fromEntries(new URL(uri).searchParams)).toEqual({
    issuer: "sysZap",
    secret,
    algorithm: "SHA1",
    digits: "6",
    period: "30",
  });
  expect(uri).toContain("otpauth://totp/sysZap:ana%40padaria.example?");
  expect(qrCode).toMatch(/^data:image\/png;base64,/);
});

test("opens a sealed secret for its owner only, and only unchanged", () => {
  const secrets = sealedBy(keyText());
  const secret = newSecret();
  const sealed = secrets.seal(secret, "ana");
  expect(secrets.open(sealed, "ana")).toEqual(secret);
  expect(() => secrets.open(sealed, "bia")).toThrow();
  for (let index = 0; index < sealed.byteLength; index++) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => secrets.open(changed, "ana")).toThrow();
  }
  expect(() => secrets.open(Buffer.alloc(0), "ana")).toThrow();
});

test("opens secrets of an older key while the key is listed", () => {
  const [older, newer] = [keyText(), keyText()];
  const sealed = sealedBy(older).seal(Buffer.from("secret"), "ana");
  expect(sealedBy(newer, older).open(sealed, "ana").toString()).toBe("secret");
  expect(() => sealedBy(newer).open(sealed, "ana")).toThrow("add that key to ACCOUNT_ENCRYPTION_KEY");
});

test("makes ten different recovery codes, which can be typed in capitals and with letters like digits", () => {
  const { codes, hashes } = newRecoveryCodes("ana");
  expect(new Set(codes).size).toBe(10);
  for (const [index, code] of codes.entries()) {
    expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    const typed = code.replaceAll("-", "").toUpperCase().replaceAll("0", "O").replaceAll("1", "I");
    expect(hashRecoveryCode("ana", typed)).toEqual(hashes[index]);
    expect(hashRecoveryCode("bia", typed)).not.toEqual(hashes[index]);
  }
});
