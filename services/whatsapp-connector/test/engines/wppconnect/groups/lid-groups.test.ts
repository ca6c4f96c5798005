import { expect } from "vitest";
import { newKey } from "../../../support/recorded-events.ts";
import { ana, bia, shop, test } from "../../../support/wppconnect/wppconnect.ts";

const lidOfBia = "88000000000001";

test("a group that names participants by LID: numbers are resolved, and keys of sent messages have our LID", {
  timeout: 300_000,
}, async ({ linked }) => {
  const { phone } = linked;
  const engine = await linked.start();
  await linked.events.state("connected");
  await engine.includeGroups(true);
  phone.migrate(bia, lidOfBia);
  const group = phone.groups.create({ subject: "Bairro", owner: ana, members: [bia], isLidAddressingMode: true });
  const waKey = phone.groups.receive(group, { from: bia, name: "Bia", body: "oi" });
  const { events } = linked;
  const message = await events.fact("message", (fact) => fact.waKey === waKey);
  expect(message).toMatchObject({ waChatId: group, sender: { number: bia, lid: lidOfBia, name: "Bia" } });
  const { participants } = await events.fact("group", (fact) => fact.participants?.length === 3);
  expect(participants).toContainEqual(
    expect.objectContaining({ number: bia, lid: lidOfBia, name: "Bia", role: "member" }),
  );
  expect(participants).toContainEqual(expect.objectContaining({ number: shop, lid: `9${shop}`, role: "member" }));

  const answer = { kind: "text" as const, waKey: newKey(), waChatId: group, body: "olá" };
  const target = { waKey, direction: 0 as const, sender: { number: bia, lid: lidOfBia } };
  await engine.send({ ...answer, quoted: target });
  expect(phone.account.messages.at(-1)?.id).toBe(`true_${group}_${answer.waKey}_9${shop}@lid`);
  expect(phone.sent.at(-1)).toMatchObject({ to: group, quoted: waKey });
  expect(await engine.find(answer)).toBe("accepted");
  await engine.send({ kind: "reaction", waKey: newKey(), waChatId: group, target, emoji: "👍" });
  expect(phone.changed.at(-1)).toMatchObject({ change: "react", target: waKey, body: "👍" });
});

test("messages of groups are not stored raw while groups are not included, whatever their type", {
  timeout: 300_000,
}, async ({ linked }) => {
  const { phone } = linked;
  const engine = await linked.start();
  await linked.events.state("connected");
  const group = phone.groups.create({ subject: "Bairro", owner: ana, members: [] });
  phone.groups.receive(group, { from: ana, body: "?", type: "hologram" });
  phone.groups.receive(group, { from: ana, body: "?", lacks: ["type"] });
  phone.receive({ from: ana, body: "barreira" });
  await linked.events.message("barreira");
  expect(linked.events.unknowns.all).toEqual([]);
  await engine.includeGroups(true);
  const included = phone.groups.receive(group, { from: ana, body: "?", type: "hologram" });
  await linked.events.unknowns.next(({ waKey }) => waKey === included);
});
