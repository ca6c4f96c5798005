import { catalog, eventTypes, jobSchemas, LoginAnswer, Message, Session } from "@syszap/contracts";
import { expect, test } from "vitest";
import { databaseTest, example, exampleEvent } from "../src/index.ts";

test.for(eventTypes)("creates a valid example of %s", (type) => {
  const definition = catalog[type];
  expect(() => definition.data.parse(example(definition.data))).not.toThrow();
});

test("creates an example of every job and of the main resources", () => {
  const { message, ...jobs } = jobSchemas;
  for (const schema of [...Object.values(jobs), LoginAnswer, Message, Session]) {
    expect(() => schema.parse(example(schema))).not.toThrow();
  }
  // Only a message of a group has no client.
  const client = { number: "5511912345678", name: null };
  expect(() => message.parse(example(message, { client }))).not.toThrow();
});

test("merges overrides deeply, uses a new id each time and rejects invalid overrides", () => {
  const { me } = example(LoginAnswer, { me: { name: "Zoë" } });
  expect(me.name).toBe("Zoë");
  expect(me.email).toContain("@");
  expect(example(LoginAnswer).me.userId).not.toBe(me.userId);
  expect(() => example(Session, { name: 7 as unknown as string })).toThrow();
});

test("creates an event that can be published", () => {
  expect(exampleEvent(catalog.new_client, { data: { Name: "Ana" } })).toMatchObject({
    type: "new_client",
    version: 1,
    audience: { kind: "company" },
    data: { Name: "Ana" },
  });
});

databaseTest("gives each test a separate database", async ({ database }) => {
  expect(database.name).toMatch(/^test_/);
  expect(new URL(database.appUrl).pathname).toBe(`/${database.name}`);
});
