import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { catalog, eventDurability, eventTypes, messageKindOf, messageType, selectableTypes } from "../src/index.ts";

test("the schema-free entry bundles without zod", async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL("../src/constants/index.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.length).toBeGreaterThan(1);
  expect(inputs.filter((input) => !input.includes("src/constants/"))).toEqual([]);
});

test("every event type has a definition with the declared durability", () => {
  expect(Object.keys(catalog).sort()).toEqual([...eventTypes].sort());
  for (const type of eventTypes) expect(catalog[type].durable).toBe(eventDurability[type] === "durable");
  expect(selectableTypes.every((type) => catalog[type].durable)).toBe(true);
});

test("a message type that only a newer server knows has the kind `unknown`", () => {
  expect(messageKindOf(messageType.sticker)).toBe("sticker");
  expect(messageKindOf(98)).toBe("unknown");
});
