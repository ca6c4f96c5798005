import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineFixture } from "../../support/wppconnect/wppconnect.ts";

const [ana, bia] = ["5511988887777", "5521977776666"];

let fixture: EngineFixture;
beforeAll(async () => {
  fixture = await EngineFixture.open();
  await fixture.start();
  fixture.standIn.scan((await fixture.events.code()).raw, fixture.standIn.phone("5511999990000", "Loja"));
  await fixture.events.state("connected");
});
afterAll(() => fixture.close());

const phone = () => {
  const [found] = fixture.standIn.phones;
  if (!found) throw new Error("the stand-in has no phone");
  return found;
};

const restart = async () => {
  await fixture.stop();
  const engine = await fixture.start({ pictureMaxAgeMs: 0 });
  await fixture.events.state("connected");
  return engine;
};

const changesOf = (number: string) =>
  fixture.events.facts.all.filter((fact) => fact.kind === "contact" && fact.number === number).length;

test("emits names and pictures that changed while the engine was stopped, once", {
  timeout: 300_000,
}, async () => {
  for (const [from, name] of [
    [bia, "Bia"],
    [ana, "Ana"],
  ] as const) {
    phone().setPicture(from, Buffer.from(`first of ${from}`));
    phone().receive({ from, name, body: `oi de ${name}` });
    await fixture.events.message(`oi de ${name}`);
  }
  await restart();
  const known = async () =>
    Object.keys(JSON.parse(await readFile(join(fixture.profileDirectory, "people.json"), "utf8")));
  await expect.poll(known, { timeout: 60_000 }).toHaveLength(2); // from now on both contacts are known
  await fixture.stop();
  phone().rename(ana, "Ana Souza");
  phone().setPicture(ana, Buffer.from("second"));
  const engine = await restart();
  await fixture.events.fact("contact", ({ number, name }) => number === ana && name === "Ana Souza");
  await fixture.events.fact("contact", ({ number, pictureChanged }) => number === ana && pictureChanged === true);
  expect(Buffer.from((await engine.fetchProfilePicture(ana)) ?? []).toString()).toBe("second");
  expect(changesOf(bia)).toBe(0);

  phone().setPicture(bia, Buffer.from("changed while connected"));
  await fixture.events.fact("contact", ({ number, pictureChanged }) => number === bia && pictureChanged === true);
  expect(changesOf(ana)).toBe(2);
});

test("fetches the current picture after the cached URL has expired, also without a change event", {
  timeout: 300_000,
}, async () => {
  const engine = await restart();
  phone().account.setPicture(ana, Buffer.from("third, without a change event"));
  expect(Buffer.from((await engine.fetchProfilePicture(ana)) ?? []).toString()).toBe("third, without a change event");
  phone().account.setPicture(ana, null);
  expect(await engine.fetchProfilePicture(ana)).toBeNull();
});

test("starts with an unreadable file of known contacts", { timeout: 300_000 }, async () => {
  phone().receive({ from: ana, name: "Ana", body: "mais uma" });
  await fixture.stop();
  await writeFile(join(fixture.profileDirectory, "people.json"), "{half");
  await restart();
  await fixture.events.fact("contact", ({ number, name }) => number === ana && name === "Ana");
});
