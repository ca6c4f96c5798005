import { expect } from "vitest";
import { newMessage, newNumber, openChat, openInbox, test } from "../fixtures.ts";

const at = (ms: number) => new Date(ms);

test("registers a number once, and keeps the newest last contact and name in any order of arrival", async ({ db }) => {
  const { companyId } = await openInbox(db);
  const number = newNumber();
  await db.withCompany(companyId, async ({ clients, clientResolver }) => {
    const first = await clientResolver.touchFromMessage({ number, name: null, contactAt: at(5_000) });
    expect(first.registered).toMatchObject({ name: number, version: 1, lastContactAt: null });
    expect(first.client).toMatchObject({ version: 2, lastContactAt: at(5_000).toISOString() });

    const older = await clientResolver.touchFromMessage({ number, name: "Old name", contactAt: at(4_000) });
    expect(older).toMatchObject({
      registered: undefined,
      client: { name: "Old name", version: 3 },
    });
    expect(older.client.lastContactAt).toBe(at(5_000).toISOString());
    const newer = await clientResolver.touchFromMessage({ number, name: "New name", contactAt: at(6_000) });
    expect(newer).toMatchObject({ isChanged: true, client: { name: "New name", version: 4 } });
    const late = await clientResolver.touchFromMessage({ number, name: "Old name", contactAt: at(4_500) });
    expect(late).toMatchObject({ isChanged: false, client: newer.client });
    expect(await clients.touch(newer.client.id, at(7_000))).toMatchObject({ lastContactAt: at(7_000).toISOString() });
    expect(await clients.touch(newer.client.id, at(6_500))).toBeUndefined();
  });
});

test("registers one client for concurrent first messages", async ({ db }) => {
  const { companyId } = await openInbox(db);
  const number = newNumber();
  const touches = await Promise.all(
    [1, 2, 3].map((n) =>
      db.withCompany(companyId, ({ clientResolver }) =>
        clientResolver.touchFromMessage({ number, name: "Bia", contactAt: at(n) }),
      ),
    ),
  );
  expect(touches.filter(({ registered }) => registered)).toHaveLength(1);
  expect(new Set(touches.map(({ client }) => client.id)).size).toBe(1);
});

test("keeps name and picture of a number that has not written, without listing it as a client", async ({ db }) => {
  const { companyId } = await openInbox(db);
  const number = newNumber();
  await db.withCompany(companyId, async (unit) => {
    const file = { storageKey: "k", mimeType: "image/png", fileName: null, size: 1, sha256: "0".repeat(64) };
    const pictureMediaId = await unit.media.add(file);
    expect(await unit.clients.applyContact({ number, name: "Célia", pictureMediaId, atMs: 1_000 })).toBeUndefined();
    expect((await unit.clients.list({ limit: 10 }, "Célia")).items).toEqual([]);

    const { registered } = await unit.clientResolver.touchFromMessage({ number, name: null, contactAt: at(2_000) });
    expect(registered).toMatchObject({ name: "Célia", profilePictureUrl: `/v1/media/${pictureMediaId}` });
  });
});

test("a contact fact changes name and picture, unless it is older or changes nothing", async ({ db }) => {
  const { companyId, client } = await openInbox(db);
  const number = client.whatsappNumber ?? "";
  await db.withCompany(companyId, async (unit) => {
    const file = { storageKey: "k", mimeType: "image/png", fileName: null, size: 1, sha256: "0".repeat(64) };
    const pictureMediaId = await unit.media.add(file);
    const withPicture = await unit.clients.applyContact({ number, pictureMediaId, atMs: 5_000 });
    expect(withPicture).toMatchObject({ name: "João", profilePictureUrl: `/v1/media/${pictureMediaId}`, version: 3 });
    expect(await unit.clients.applyContact({ number, pictureMediaId, atMs: 6_000 })).toBeUndefined();
    expect(await unit.clients.applyContact({ number, pictureMediaId: null, atMs: 4_000 })).toBeUndefined();
    expect(await unit.clients.applyContact({ number, name: "", atMs: 9_000 })).toBeUndefined();
    const renamed = await unit.clients.applyContact({ number, name: "João Silva", pictureMediaId: null, atMs: 7_000 });
    expect(renamed).toMatchObject({ name: "João Silva", profilePictureUrl: null, version: 4 });
  });
});

test("lists clients by last contact, page by page", async ({ db }) => {
  const { companyId, client } = await openInbox(db);
  const ids = await db.withCompany(companyId, async ({ clientResolver }) => {
    const added: string[] = [];
    for (const ms of [3_000, 2_000, 3_000, 4_000]) {
      added.push(
        (await clientResolver.touchFromMessage({ number: newNumber(), name: null, contactAt: at(ms) })).client.id,
      );
    }
    return added;
  });
  const seen: string[] = [];
  let before: string | undefined;
  do {
    const page = await db.withCompany(companyId, ({ clients }) => clients.list({ before, limit: 2 }));
    seen.push(...page.items.map(({ id }) => id));
    before = page.next ?? undefined;
  } while (before);
  const tied = [ids[0], ids[2]].sort().reverse();
  expect(seen).toEqual([ids[3], ...tied, ids[1], client.id]);
});

test("finds a number in every written form, with and without Brazil's ninth digit", async ({ db }) => {
  const { companyId } = await openInbox(db);
  await db.withCompany(companyId, async ({ clientResolver, clients, chats }) => {
    for (const number of ["551187654321", "5511976543210"])
      await clientResolver.touchFromMessage({ number, name: null, contactAt: at(1_000) });
    const found = async (search: string) =>
      (await clients.list({ limit: 10 }, search)).items.map(({ whatsappNumber }) => whatsappNumber);
    for (const search of ["11987654321", "(11) 98765-4321", "0 11 98765-4321", "00 55 11 98765 4321", "8765-4321"])
      expect(await found(search), search).toEqual(["551187654321"]);
    for (const search of ["11 97654\u20113210", "11 97654\u20133210", "\u202A+55 11 97654-3210\u202C", "11 7654-3210"])
      expect(await found(search), search).toEqual(["5511976543210"]);
    expect((await chats.list({ limit: 10, search: "11987654321" })).items).toEqual([]); // the client has no chat
  });
});

test("a name that shows nothing falls back to the number, and never replaces a good one", async ({ db }) => {
  const { companyId } = await openInbox(db);
  const number = newNumber();
  await db.withCompany(companyId, async ({ clients, clientResolver }) => {
    const first = await clientResolver.touchFromMessage({ number, name: "\u3164", contactAt: at(1_000) });
    expect(first.client.name).toBe(number);
    const named = await clientResolver.touchFromMessage({ number, name: "Célia", contactAt: at(2_000) });
    expect(named.client.name).toBe("Célia");
    const blank = await clientResolver.touchFromMessage({ number, name: "\u2800\u200E", contactAt: at(3_000) });
    expect(blank.client.name).toBe("Célia");
    expect(await clients.applyContact({ number, name: "\u00AD", atMs: 9_000 })).toBeUndefined();
  });
});

test("search matches parts of name and number, and treats wildcards literally", async ({ db }) => {
  const inbox = await openInbox(db);
  await db.withCompany(inbox.companyId, async (unit) => {
    const contacts: [string, string][] = [
      ["5511988887777", "Márcia 100% Bolos"],
      ["5521977776666", "Ana_Paula"],
      ["5531966665555", "Anaxpaula"],
    ];
    for (const [number, name] of contacts) await openChat(unit, { sessionId: inbox.session.id, number, name });
    const found = async (search: string) =>
      (await unit.clients.list({ limit: 10 }, search)).items.map(({ name }) => name);
    expect(await found("márCIA")).toEqual(["Márcia 100% Bolos"]);
    expect(await found("100%")).toEqual(["Márcia 100% Bolos"]);
    expect(await found("%")).toEqual(["Márcia 100% Bolos"]);
    expect(await found("ana_p")).toEqual(["Ana_Paula"]);
    expect(await found("+55 (21) 97777")).toEqual(["Ana_Paula"]);
    expect(await found("\\")).toEqual([]);
    for (const alike of ["marcia", "MÀRCIA", "ma\u0301rcia", "ｍａｒｃｉａ 100％"])
      expect(await found(alike)).toEqual(["Márcia 100% Bolos"]);
    expect(await found("＿")).toEqual(["Ana_Paula"]);
    for (const unmatched of ["％％", "ana＿＿", "\u2216"]) expect(await found(unmatched)).toEqual([]);
    expect(await found("  ")).toHaveLength(4);
    const chats = await unit.chats.list({ limit: 10, search: "ÀNA" });
    expect(chats.items.map(({ client }) => client?.name).sort()).toEqual(["Ana_Paula", "Anaxpaula"]);
  });
});

test("last message and unread count do not depend on the order of arrival", async ({ db }) => {
  const inbox = await openInbox(db);
  await db.withCompany(inbox.companyId, async (unit) => {
    const store = async (timestampMs: number, direction: 0 | 1, isHistory = false) => {
      const status = direction === 1 ? "sent" : null;
      const kept = await unit.messages.insertOnce(
        newMessage(inbox, { timestampMs, direction, status, body: `${timestampMs}` }),
      );
      if (!kept) throw new Error("not stored");
      return unit.chatRecorder.recordMessage(kept, { isHistory });
    };
    expect(await store(3_000, 0)).toMatchObject({ unreadCount: 1, version: 2, lastMessage: { body: "3000" } });
    expect(await store(1_000, 0)).toMatchObject({ unreadCount: 2, version: 3, lastMessage: { body: "3000" } });
    expect(await store(4_000, 1)).toMatchObject({ unreadCount: 0, lastMessage: { body: "4000", direction: 1 } });
    expect(await store(2_000, 0, true)).toMatchObject({ unreadCount: 0, lastMessage: { body: "4000" } });
    expect(await store(5_000, 0)).toMatchObject({ unreadCount: 1, version: 6 });
    expect(await unit.chats.markRead(inbox.chat.id)).toMatchObject({ unreadCount: 0, version: 7 });
    expect(await unit.chats.markRead(inbox.chat.id)).toBeUndefined();
  });
});

test("refreshes the last message of a chat after an edit or a deletion", async ({ db }) => {
  const inbox = await openInbox(db);
  await db.withCompany(inbox.companyId, async (unit) => {
    const [older, last] = [
      newMessage(inbox, { timestampMs: 1 }),
      newMessage(inbox, { timestampMs: 2, body: "👍".repeat(150) }),
    ];
    for (const message of [older, last]) {
      const kept = await unit.messages.insertOnce(message);
      if (kept) expect((await unit.chatRecorder.recordMessage(kept)).lastMessage?.body.length).toBeLessThanOrEqual(200);
    }
    const edited = await unit.messageChanges.applyEdit(last, { body: "new", timestampMs: 3 });
    if (!edited || edited === "absent") throw new Error("not edited");
    expect(await unit.chats.refreshLastMessage(edited)).toMatchObject({ lastMessage: { body: "new" }, version: 4 });
    const revoked = await unit.messageChanges.applyRevoke(older, { timestampMs: 4 });
    if (!revoked || revoked === "absent") throw new Error("not revoked");
    expect(await unit.chats.refreshLastMessage(revoked)).toBeUndefined();
  });
});

test("keeps a client's chat when WhatsApp changes the chat's id", async ({ db }) => {
  const inbox = await openInbox(db);
  await db.withCompany(inbox.companyId, async ({ chats, chatRecorder }) => {
    const key = { sessionId: inbox.session.id, clientId: inbox.client.id };
    expect(await chatRecorder.upsert({ ...key, waChatId: inbox.chat.waChatId })).toEqual(inbox.chat);
    const moved = await chatRecorder.upsert({ ...key, waChatId: "998877@lid" });
    expect(moved).toMatchObject({ id: inbox.chat.id, waChatId: "998877@lid", version: 2 });
    expect(await chats.findByWaChatId(inbox.session.id, "998877@lid")).toEqual(moved);
    expect(await chats.findByWaChatId(inbox.session.id, inbox.chat.waChatId)).toEqual(moved);
    expect(await chats.findByWaChatId(inbox.session.id, "112233@lid")).toBeUndefined();
  });
});

test("lists chats by last message, newest first, page by page, and chats without messages last", async ({ db }) => {
  const inbox = await openInbox(db);
  const expected = await db.withCompany(inbox.companyId, async (unit) => {
    const ids = [inbox.chat.id];
    for (const timestampMs of [1_000, 3_000, 2_000]) {
      const { chat } = await openChat(unit, { sessionId: inbox.session.id, number: newNumber(), name: null });
      const kept = await unit.messages.insertOnce(newMessage(inbox, { chatId: chat.id, timestampMs }));
      if (kept) await unit.chatRecorder.recordMessage(kept);
      ids.push(chat.id);
    }
    return [ids[2], ids[3], ids[1], ids[0]];
  });
  const seen: string[] = [];
  let before: string | undefined;
  do {
    const page = await db.withCompany(inbox.companyId, ({ chats }) => chats.list({ before, limit: 1 }));
    seen.push(...page.items.map(({ id }) => id));
    before = page.next ?? undefined;
  } while (before);
  expect(seen).toEqual(expected);
});
