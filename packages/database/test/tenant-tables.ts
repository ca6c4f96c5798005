import { createHash, randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { expect } from "vitest";
import type { Database } from "../src/index.ts";
import { logPublished } from "../src/outbox.ts";
import { claimSession, type Inbox, newMessage, openChat } from "./fixtures.ts";

interface Table {
  name: string;
  companyColumn: string;
}

/**
 * Every table except those of the migrator, those of operators and connectors, which belong to no company, and partitions, which no role can read. Includes
 * new tables, which must be protected.
 */
export async function tenantTables(owner: Knex): Promise<Table[]> {
  const { rows } = await owner.raw(`
    select t.table_name as name,
      case when t.table_name = 'companies' then 'id' else (
        select column_name from information_schema.columns c
        where c.table_schema = 'public' and c.table_name = t.table_name and c.column_name = 'company_id') end as "companyColumn"
    from information_schema.tables t
    where t.table_schema = 'public' and t.table_type = 'BASE TABLE' and t.table_name not like 'knex%'
      and t.table_name not like 'operator%' and t.table_name <> 'connectors' and not exists (select from pg_inherits where inhrelid = t.table_name::regclass)
    order by 1`);
  return rows;
}

/** Adds a row of the company to every table. */
export async function fill(db: Database, owner: Knex, inbox: Inbox): Promise<void> {
  const { companyId, userId } = inbox;
  const generation = await claimSession(db, inbox);
  const { loginId } = await db.system.refreshTokens.issue({ companyId, userId });
  const target = { endpoint: `https://push.example.com/${companyId}`, keys: { p256dh: "k", auth: "a" } };
  await db.system.pushSubscriptions.save({ companyId, userId, loginId }, target, 1);
  await owner.raw(
    `insert into push_notices (company_id, event_id, chat_id, name, audience) values (?, ?, ?, '', '{"kind":"company"}')`,
    [companyId, randomUUID(), inbox.chat.id],
  );
  await owner("push_deliveries").insert({ company_id: companyId, login_id: loginId, count: 1 });
  await db.withCompany(companyId, async (unit) => {
    const file = { storageKey: "k", mimeType: "image/png", fileName: null, size: 1, sha256: "0".repeat(64) };
    const key = {
      name: "k",
      scopes: ["read" as const],
      hint: "syszap_x",
      secretHash: createHash("sha256").update(companyId).digest(),
    };
    await unit.secondFactors.begin(userId, Buffer.from("sealed"));
    await unit.apiKeys.create({ ...key, userId, expiresAt: null }, 1);
    const otherHash = createHash("sha256").update(`other ${companyId}`).digest();
    const revoked = await unit.apiKeys.create({ ...key, secretHash: otherHash, userId, expiresAt: null }, 2);
    await unit.apiKeys.revoke(revoked?.id ?? "");
    await unit.mediaRemovals.discard(await unit.media.add({ ...file, storageKey: "gone", fileName: "gone" }));
    await unit.thumbnails.add(await unit.media.add(file), { storageKey: null });
    await unit.uploads.add(file, userId);
    await unit.uploads.reserve(1, { maxBytes: 1e9, lifeMs: 60_000 });
    await unit.pictureChecks.record("5511988887777", new Date());
    await unit.messages.insertOnce(newMessage(inbox));
    await unit.outboundQueue.add({ chatId: inbox.chat.id, body: "oi", userId });
    const lease = { sessionId: inbox.session.id, generation };
    await unit.pacing.checkRoom(lease, { perHour: 1, coldPerDay: 1 });
    await unit.pacing.recordAttempt({ ...lease, id: companyId, chatId: inbox.chat.id, isCold: true }, 0);
    await unit.profiles.forget({ sessionId: inbox.session.id, engine: "simulator", generation });
    await unit.sessions.recordStatus({ sessionId: inbox.session.id, detail: "qr", generation });
    await unit.sessionProxies.set(inbox.session.id, {
      ...{ scheme: "http", host: "proxy.example", port: 3128 },
      sealedCredentials: Buffer.from("sealed"),
    });
    await unit.sessionGaps.list(lease, [{ chat: "5511988887777@c.us", newestMs: 0, unread: 0 }]);
    const unknown = { kind: "message", shape: "type hologram", waKey: null, payload: "{}" };
    await unit.unknownPayloads.keep({ sessionId: inbox.session.id, ...unknown });
    const late = { sessionId: inbox.session.id, direction: 0, waKey: "LATE" } as const;
    await unit.pendingFacts.keep(late, { id: "ack", kind: "ack", payload: "{}" });
    const missing = { ...file, state: "pending", reason: "on its way", limit: null, handle: "h" } as const;
    await unit.mediaDownloads.add(late, missing);
    const webhook = { url: "https://example.com/", description: "", eventTypes: null, secret: "whsec_c2VjcmV0" };
    await unit.webhooks.create(webhook, 1);
    await unit.consumers.create("erp", null, 1);
    const link = { nonce: createHash("sha256").update("nonce").digest(), lifeMs: 1_000, mail: "off" } as const;
    await unit.accountLinks.create({ ...link, userId, kind: "invitation", tokenHash: key.secretHash });
    await unit.audit.record({ kind: "system" }, { action: "settings_changed" });
    const about = { sessionId: inbox.session.id, contactAt: new Date(2_000) };
    const other = await openChat(unit, { ...about, number: "5521977776666", name: "Bia" });
    await unit.messages.insertOnce(newMessage({ ...inbox, ...other }));
    await unit.clientMerges.merge(inbox.client.id, other.client.id);
    const third = await openChat(unit, { ...about, number: "5531966665555", name: "Caio" });
    const [address] = await unit.clientAddresses.list(third.client.id);
    await unit.clientSplits.split(third.client.id, { addressIds: [address?.id ?? ""], from: new Date(0), name: null });
    await unit.groups.apply({
      ...{ sessionId: inbox.session.id, waChatId: "120363000000000001@g.us", subject: "Equipe", at: new Date() },
      participants: [{ number: "5511977776666", name: "Bia", role: "admin" }],
    });
    const erased = await openChat(unit, { ...about, number: "5541955554444", name: "Davi" });
    await unit.clientErasures.begin(erased.client.id);
    const team = await unit.teams.create("Vendas", 1);
    if (typeof team === "string") throw new Error(team);
    await unit.teams.setMembers(team.id, [userId]);
    await unit.teams.setOfSession(inbox.session.id, [team.id]);
    await unit.reachChanges.record("agents");
    unit.emit.chatUpdate(inbox.chat);
  });
  const [row] = await owner("outbox").where({ company_id: companyId }).select("id", "events");
  const positions = row.events.map((_: unknown, index: number) => ({ epoch: 1, seq: index + 1 }));
  await logPublished(owner, [{ companyId, ...row, positions }]);
  // An older row that is not published keeps an event waiting.
  await owner("outbox").insert({ company_id: companyId, id: randomUUID(), events: "[]", created_at: new Date(0) });
  await owner.raw(
    `insert into event_log_waiting (company_id, event_id, epoch, seq, event_type, body, waiting_since)
     values (?, ?, 1, 9, 'chat_update', '{}', now())`,
    [companyId, randomUUID()],
  );
  await db.system.deadLetters.add({
    companyId,
    queue: "inbound-messages",
    jobName: "message",
    jobId: companyId,
    reason: "test",
    payloadSummary: "",
    payload: null,
    attempts: 1,
    failedAt: new Date(),
  });
  for (const { name, companyColumn } of await tenantTables(owner)) {
    const { rows } = await owner.raw("select count(*)::int as count from ?? where ?? = ?", [
      name,
      companyColumn,
      companyId,
    ]);
    expect(rows[0].count, `a row of the company in ${name}`).toBeGreaterThan(0);
  }
}
