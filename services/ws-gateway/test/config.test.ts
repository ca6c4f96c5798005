import { EnvironmentError } from "@syszap/platform";
import { expect, test } from "vitest";
import { loadConfig } from "../src/config.ts";

const valid = {
  PORT: "3002",
  REDIS_URL: "redis://127.0.0.1:6379",
  TOKEN_KEY_SET_URL: "http://127.0.0.1:3001/.well-known/jwks.json",
  ALLOWED_ORIGINS: "https://app.example.com, http://localhost:3000",
};

test("splits lists and generates an id for a gateway without one", () => {
  const config = loadConfig({ ...valid, TRUSTED_PROXIES: "10.0.0.0/8,::1" });
  expect(config.ALLOWED_ORIGINS).toEqual(["https://app.example.com", "http://localhost:3000"]);
  expect(config.TRUSTED_PROXIES).toEqual(["10.0.0.0/8", "::1"]);
  expect(config.GATEWAY_ID).not.toBe(loadConfig(valid).GATEWAY_ID);
});

test("names all invalid variables at once without their values", () => {
  const bad = { PORT: "x", REDIS_URL: "http://secret", ALLOWED_ORIGINS: "nowhere", TRUSTED_PROXIES: "10.0.0.0/99" };
  const load = () => loadConfig(bad);
  expect(load).toThrow(EnvironmentError);
  for (const name of [...Object.keys(bad), "TOKEN_KEY_SET_URL"]) expect(load).toThrow(name);
  expect(load).not.toThrow("secret");
});
