import { expect, test } from "vitest";
import { OptionsError, parseOptions } from "../src/options.ts";

test("by default, one instance of each service runs with traffic on the default port", () => {
  expect(parseOptions([])).toEqual({
    reset: false,
    port: undefined,
    dataDirectory: undefined,
    engine: "simulator",
    standIn: false,
    hasTraffic: true,
    scanAfterSeconds: 6,
    standInScanAfterSeconds: 0,
    scale: {},
  });
});

test("parses every option of the README", () => {
  const args = ["--reset", "--scale", "ws-gateway=3", "--engine", "wppconnect", "--no-traffic", "--port", "4000"];
  expect(parseOptions(args)).toMatchObject({
    reset: true,
    scale: { "ws-gateway": 3 },
    engine: "wppconnect",
    hasTraffic: false,
    port: 4_000,
  });
});

test("the stand-in's codes wait for a person unless --scan-after is given", () => {
  expect(parseOptions(["--stand-in"])).toMatchObject({ standIn: true, standInScanAfterSeconds: 0 });
  expect(parseOptions(["--stand-in", "--scan-after", "2"])).toMatchObject({ standInScanAfterSeconds: 2 });
});

test.for([
  [["--rest"], "--rest"],
  [["now"], "now"],
  [["--port", "http"], "--port takes a whole number"],
  [["--port", "70000"], "--port takes a whole number"],
  [["--engine", "baileys"], "simulator or wppconnect"],
  [["--scale", "postgres=2"], "ws-gateway=3"],
  [["--scale", "ws-gateway=0"], "ws-gateway=3"],
] as const)("rejects %j and names the valid values", ([args, message]) => {
  const parse = () => parseOptions([...args]);
  expect(parse).toThrow(OptionsError);
  expect(parse).toThrow(message);
  expect(parse).toThrow("--no-traffic");
});
