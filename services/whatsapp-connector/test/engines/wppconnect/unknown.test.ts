import { afterAll, beforeAll, expect, test } from "vitest";
import { Bench } from "../../support/wppconnect/wppconnect.ts";

const ana = "5511988887777";
const secret = "nobody may read this in a log";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
  await bench.start();
  const phone = bench.standIn.phone("5511999990000", "Loja");
  bench.standIn.scan((await bench.heard.code()).raw, phone);
  await bench.heard.state("connected");
}, 90_000);
afterAll(() => bench.close());

const phone = () => {
  const [found] = bench.standIn.phones;
  if (!found) throw new Error("no phone");
  return found;
};
const logged = (shape: string) => bench.log.split("\n").filter((line) => line.includes(`"shape":"${shape}"`)).length;

test("a message of a type that nobody knows keeps its place, its name and its raw form, and is logged once", {
  timeout: 60_000,
}, async () => {
  const keys = [secret, "again"].map((body) => phone().receive({ from: ana, name: "Ana", body, type: "hologram" }));
  for (const waKey of keys) {
    expect(await bench.heard.fact("message", (fact) => fact.waKey === waKey)).toMatchObject({
      ...{ type: "unknown", vendorKind: "hologram", body: "", client: { number: ana } },
    });
  }
  // Just linked, the engine may hear a message and fetch it too: whoever keeps the raw form counts it, as one.
  const [first] = await Promise.all(
    keys.map((waKey) => bench.heard.unknowns.next((unknown) => unknown.waKey === waKey)),
  );
  expect(first).toMatchObject({ kind: "message", shape: "type hologram" });
  expect(JSON.parse(first?.raw ?? "")).toMatchObject({ type: "hologram", body: secret });
  expect(logged("type hologram")).toBe(1);
  expect(bench.log).not.toContain(secret);
});

test("a message that lacks what every message has keeps its place too, and what it had", {
  timeout: 60_000,
}, async () => {
  const waKey = phone().receive({ from: ana, body: `${secret} either`, lacks: ["type"] });
  const fact = await bench.heard.fact("message", (told) => told.waKey === waKey);
  expect(fact).toMatchObject({ type: "unknown", waChatId: `${ana}@c.us`, direction: 0, body: "" });
  const unknown = await bench.heard.unknowns.next((told) => told.waKey === waKey);
  expect(unknown).toMatchObject({ kind: "message", shape: "type" });
  expect(unknown.raw).toContain(`${secret} either`);
  expect(logged("type")).toBe(1);
  expect(bench.log).not.toContain(secret);
  phone().receive({ from: ana, body: "e depois tudo como antes" });
  await bench.heard.message("e depois tudo como antes");
});
