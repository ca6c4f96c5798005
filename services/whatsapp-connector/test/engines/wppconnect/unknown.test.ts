import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineFixture } from "../../support/wppconnect/wppconnect.ts";

const ana = "5511988887777";
const secret = "this text must not be logged";

let fixture: EngineFixture;
beforeAll(async () => {
  fixture = await EngineFixture.open();
  await fixture.start();
  const phone = fixture.standIn.phone("5511999990000", "Loja");
  fixture.standIn.scan((await fixture.events.code()).raw, phone);
  await fixture.events.state("connected");
});
afterAll(() => fixture.close());

const phone = () => {
  const [found] = fixture.standIn.phones;
  if (!found) throw new Error("the stand-in has no phone");
  return found;
};

const logged = (shape: string) => fixture.log.split("\n").filter((line) => line.includes(`"shape":"${shape}"`)).length;

test("emits the text and the raw payload of a message of an unknown type, and logs the type once", {
  timeout: 300_000,
}, async () => {
  const bodies = [secret, "again"];
  const keys = bodies.map((body) => phone().receive({ from: ana, name: "Ana", body, type: "hologram" }));
  for (const [index, waKey] of keys.entries()) {
    expect(await fixture.events.fact("message", (fact) => fact.waKey === waKey)).toMatchObject({
      type: "unknown",
      vendorKind: "hologram",
      body: bodies[index],
      client: { number: ana },
    });
  }
  // Just after the link, the engine may receive a message and fetch it too. The consumer of raw payloads removes duplicates.
  const [first] = await Promise.all(
    keys.map((waKey) => fixture.events.unknowns.next((unknown) => unknown.waKey === waKey)),
  );
  expect(first).toMatchObject({ kind: "message", shape: "type hologram" });
  expect(JSON.parse(first?.raw ?? "")).toMatchObject({ type: "hologram", body: secret });
  expect(logged("type hologram")).toBe(1);
  expect(fixture.log).not.toContain(secret);
});

test("emits a placeholder and the raw payload of a message without its required fields", {
  timeout: 300_000,
}, async () => {
  const waKey = phone().receive({ from: ana, body: `${secret} either`, lacks: ["type"] });
  const fact = await fixture.events.fact("message", (fact) => fact.waKey === waKey);
  expect(fact).toMatchObject({ type: "unknown", waChatId: `${ana}@c.us`, direction: 0, body: "" });
  const unknown = await fixture.events.unknowns.next((fact) => fact.waKey === waKey);
  expect(unknown).toMatchObject({ kind: "message", shape: "type" });
  expect(unknown.raw).toContain(`${secret} either`);
  expect(logged("type")).toBe(1);
  expect(fixture.log).not.toContain(secret);
  phone().receive({ from: ana, body: "e depois tudo como antes" });
  await fixture.events.message("e depois tudo como antes");
});
