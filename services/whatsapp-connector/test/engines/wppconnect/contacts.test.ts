import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Bench } from "../../support/wppconnect/wppconnect.ts";

const [ana, bia] = ["5511988887777", "5521977776666"];

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
  await bench.start();
  bench.standIn.scan((await bench.heard.code()).raw, bench.standIn.phone("5511999990000", "Loja"));
  await bench.heard.state("connected");
}, 90_000);
afterAll(() => bench.close());

const phone = () => {
  const [found] = bench.standIn.phones;
  if (!found) throw new Error("no phone");
  return found;
};
const restart = async () => {
  await bench.stop();
  const engine = await bench.start({ pictureMaxAgeMs: 0 });
  await bench.heard.state("connected");
  return engine;
};
const told = (number: string) =>
  bench.heard.facts.all.filter((fact) => fact.kind === "contact" && fact.number === number).length;

test("a name and a picture that changed while the engine was stopped are told once it is connected, and only once", {
  timeout: 90_000,
}, async () => {
  for (const [from, name] of [
    [bia, "Bia"],
    [ana, "Ana"],
  ] as const) {
    phone().setPicture(from, Buffer.from(`first of ${from}`));
    phone().receive({ from, name, body: `oi de ${name}` });
    await bench.heard.message(`oi de ${name}`);
  }
  await restart();
  const known = async () =>
    Object.keys(JSON.parse(await readFile(join(bench.profileDirectory, "people.json"), "utf8")));
  await expect.poll(known, { timeout: 20_000 }).toHaveLength(2); // from now on it knows them as they are
  await bench.stop();
  phone().rename(ana, "Ana Souza");
  phone().setPicture(ana, Buffer.from("second"));
  const engine = await restart();
  await bench.heard.fact("contact", ({ number, name }) => number === ana && name === "Ana Souza");
  await bench.heard.fact("contact", ({ number, pictureChanged }) => number === ana && pictureChanged === true);
  expect(Buffer.from((await engine.fetchProfilePicture(ana)) ?? []).toString()).toBe("second");
  expect(told(bia)).toBe(0);

  phone().setPicture(bia, Buffer.from("now it was heard"));
  await bench.heard.fact("contact", ({ number, pictureChanged }) => number === bia && pictureChanged === true);
  expect(told(ana)).toBe(2);
});

test("a picture of which no change was told is fetched as it is now, once the page's answer is old", {
  timeout: 60_000,
}, async () => {
  const engine = await restart();
  phone().account.setPicture(ana, Buffer.from("third, and nobody said so"));
  expect(Buffer.from((await engine.fetchProfilePicture(ana)) ?? []).toString()).toBe("third, and nobody said so");
  phone().account.setPicture(ana, null);
  expect(await engine.fetchProfilePicture(ana)).toBeNull();
});

test("what was kept of people and can't be read any more is no reason not to run", { timeout: 60_000 }, async () => {
  phone().receive({ from: ana, name: "Ana", body: "mais uma" });
  await bench.stop();
  await writeFile(join(bench.profileDirectory, "people.json"), "{half");
  await restart();
  await bench.heard.fact("contact", ({ number, name }) => number === ana && name === "Ana");
});
