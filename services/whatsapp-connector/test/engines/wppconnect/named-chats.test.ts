import { afterEach, expect, test, vi } from "vitest";
import { findTarget } from "../../../src/engines/wppconnect/page/sending.ts";

const asked = "5511987654321@c.us";
const named = "551187654321@c.us";

afterEach(() => vi.unstubAllGlobals());

/** A page that creates chats under the id it is asked for, whatever id WhatsApp names. */
function stubPage(known: Record<string, object>, answer: { wid: string } | null): void {
  vi.stubGlobal("WPP", {
    blocklist: { isBlocked: () => false },
    chat: { get: (id: string) => known[id], find: async (id: string) => ({ id }) },
    contact: { queryExists: async () => answer },
  });
}

const target = async () => (await findTarget({ chat: asked, message: null }))?.chat;

test("sends to the id that WhatsApp names for a number", async () => {
  stubPage({}, { wid: named });
  expect(await target()).toBe(named);
});

test("sends to the named id although the page has an empty chat under another one", async () => {
  stubPage({ [asked]: { id: asked } }, { wid: named });
  expect(await target()).toBe(named);
});

test("keeps a chat that has messages", async () => {
  stubPage({ [asked]: { id: asked, lastReceivedKey: "key" } }, { wid: named });
  expect(await target()).toBe(asked);
});

test("keeps a known chat when WhatsApp names nothing, and refuses an unknown one", async () => {
  stubPage({ [asked]: { id: asked } }, null);
  expect(await target()).toBe(asked);
  stubPage({}, null);
  expect(await findTarget({ chat: asked, message: null })).toBeNull();
});
