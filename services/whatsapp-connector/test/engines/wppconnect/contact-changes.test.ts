import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { afterEach, expect, test, vi } from "vitest";
import { ContactChanges } from "../../../src/engines/wppconnect/contacts/contact-changes.ts";
import { type PageContact, pictureUrl } from "../../../src/engines/wppconnect/page/contacts.ts";

afterEach(() => vi.unstubAllGlobals());

test("known contacts are limited to the last seen ones", async ({ onTestFinished }) => {
  const directory = await mkdtemp(join(tmpdir(), "contact-changes-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, "people.json");
  const contact = (index: number): PageContact => ({ id: `${index}@c.us`, name: "Ana", pictureTag: null });
  const contacts = Array.from({ length: 2_000 }, (_, index) => contact(index));
  let listed = contacts;
  const changes = new ContactChanges({
    path,
    list: async () => listed,
    nameChanged: () => undefined,
    pictureChanged: () => undefined,
    log: createLogger({ service: "test", level: "silent" }),
  });
  await changes.compare();
  listed = [contact(0), contact(2_000)];
  await changes.compare();
  const known = Object.keys(JSON.parse(await readFile(path, "utf8")));
  expect(known).toHaveLength(2_000);
  expect(known).not.toContain("1@c.us");
  expect(known.slice(-2)).toEqual(["0@c.us", "2000@c.us"]);
});

test("the times of picture requests in the page are limited", async () => {
  vi.stubGlobal("WPP", {
    contact: { getProfilePictureUrl: async () => undefined },
    whatsapp: { ProfilePicThumbStore: { get: () => undefined } },
  });
  const requests = new Map<string, number>();
  vi.stubGlobal("syszapPictureRequests", requests);
  for (let index = 0; index <= 10_000; index += 1) await pictureUrl({ id: `${index}@c.us`, maxAgeMs: 0 });
  expect([...requests.keys()]).toEqual(["10000@c.us"]);
});
