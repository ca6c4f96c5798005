import { expect, test } from "vitest";
import type { Outgoing } from "../src/engines/contract/engine.ts";
import type { GroupChange } from "../src/engines/simulator/phone/groups.ts";
import { newKey } from "../test/support/recorded-events.ts";
import { readParts } from "../test/support/recover.ts";
import { ana, bia, type ConformanceSession } from "./conformance-session.ts";

const caio = "5531955554444";
const poll = { question: "Pizza?", options: ["Sim", "Não"], mostChoices: 1 };

/** Changes that end with the group as it was, except its subject. */
const changes: GroupChange[] = [
  { event: "subject_changed", by: ana, text: "Bairro Novo" },
  { event: "description_changed", by: ana, text: "Só avisos" },
  { event: "added", by: ana, members: [caio] },
  { event: "promoted", by: ana, members: [caio] },
  { event: "demoted", by: ana, members: [caio] },
  { event: "removed", by: ana, members: [caio] },
  { event: "joined", members: [caio] },
  { event: "left", by: caio, members: [caio] },
  { event: "settings_changed", by: ana, onlyAdmins: false },
  { event: "disappearing_changed", by: ana, text: "604800" },
];

/** Groups, and the notes of WhatsApp in chats. */
export function groups(session: () => ConformanceSession): void {
  let group = "";
  const receive = async (message: { from?: string; body: string; quoted?: { waKey: string; from: string } }) => {
    const { events, side } = session();
    const waKey = side.receiveInGroup({ group, from: ana, ...message });
    return events.fact("message", (fact) => fact.waKey === waKey);
  };
  const description = () =>
    session().events.fact("group", (fact) => fact.waChatId === group && fact.participants !== undefined);
  const own = () => session().events.states.all.findLast(({ detail }) => detail === "connected")?.phoneNumber ?? "";
  const to = () => ({ waKey: newKey(), waChatId: group });

  test("describes a group only while groups are included, before its next message", async () => {
    const { engine, events, side } = session();
    side.receive({ from: bia, name: "Bia", body: "antes do grupo" });
    await events.message("antes do grupo");
    group = side.createGroup({ subject: "Bairro", owner: ana, members: [bia] });
    await receive({ body: "ainda não" });
    expect(events.facts.all.filter(({ kind }) => kind === "group")).toEqual([]);
    await engine.includeGroups(true);
    const { timestampMs, ...message } = await receive({ body: "agora sim" });
    expect(message).toMatchObject({ waChatId: group, direction: 0, type: "text", sender: { number: ana } });
    expect(message).not.toHaveProperty("client");
    expect(message).not.toHaveProperty("mentionsUs");
    const kinds = events.facts.all.flatMap((fact) => ("waChatId" in fact && fact.waChatId === group ? fact.kind : []));
    expect(kinds.slice(-2)).toEqual(["group", "message"]);
    const described = await description();
    expect(described).toMatchObject({ subject: "Bairro", isMember: true });
    const roles = described.participants?.map(({ number, role }) => [number, role]);
    expect(new Map(roles as [string, string][])).toEqual(
      new Map([
        [ana, "owner"],
        [bia, "member"],
        [own(), "member"],
      ]),
    );
    expect(Math.abs(timestampMs - Date.now())).toBeLessThan(60_000);
  });

  test("names the sender of each message, and emits what the owner writes on the phone without a sender", async () => {
    const { events, side } = session();
    const waKey = side.receiveInGroup({ group, from: bia, name: "Bia Lima", body: "sou a Bia" });
    const message = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(message.sender).toMatchObject({ number: bia, name: "Bia Lima" });
    const written = side.write({ to: group, body: "do celular" });
    const own = await events.fact("message", (fact) => fact.waKey === written);
    expect(own).toMatchObject({ waChatId: group, direction: 1 });
    expect(own.sender).toBeUndefined();
    expect(own.client).toBeUndefined();
  });

  test.for(["number", "lid", "all"] as const)("recognises a mention of the linked phone: %s", async (as) => {
    const { events, side } = session();
    const mention = { as, number: own() };
    const waKey = side.receiveInGroup({ group, from: ana, body: `olha, @${own()}`, mention });
    expect((await events.fact("message", (fact) => fact.waKey === waKey)).mentionsUs).toBe(true);
  });

  test("names who wrote the original of a reply", async () => {
    const { waKey } = await receive({ from: bia, body: "alguém vende pão?" });
    const answer = await receive({ body: "eu", quoted: { waKey, from: bia } });
    expect(answer.quoted).toMatchObject({ waKey, direction: 0, sender: { number: bia } });
  });

  test("emits the reactions and votes of each participant", async () => {
    const { events, side } = session();
    const { waKey } = await receive({ body: "quem vem?" });
    for (const by of [ana, bia]) {
      side.react(waKey, "👍🏽", by);
      const reaction = await events.fact("reaction", (fact) => fact.waKey === waKey && fact.sender?.number === by);
      expect(reaction).toMatchObject({ waChatId: group, from: "client", emoji: "👍🏽", direction: 0 });
    }
    const question = side.write({ to: group, body: poll.question, content: { poll } });
    await events.fact("message", (fact) => fact.waKey === question);
    for (const by of [ana, bia]) {
      side.vote(question, ["Sim"], by);
      const vote = await events.fact("vote", (fact) => fact.waKey === question && fact.sender?.number === by);
      expect(vote).toMatchObject({ waChatId: group, from: "client", options: ["Sim"], direction: 1 });
    }
  });

  test("emits edits and deletions", async () => {
    const { events, side } = session();
    const { waKey } = await receive({ body: "às 8" });
    side.edit(waKey, "às 9");
    const edit = await events.fact("edit", (fact) => fact.waKey === waKey);
    expect(edit).toMatchObject({ waChatId: group, body: "às 9", direction: 0 });
    side.revoke(waKey);
    expect(await events.fact("revoke", (fact) => fact.waKey === waKey)).toMatchObject({
      waChatId: group,
      direction: 0,
    });
  });

  test.for(changes)("emits an action in the group as a note: $event", async (change) => {
    const { events, side } = session();
    const waKey = side.changeGroup(group, change);
    const note = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(note).toMatchObject({ waChatId: group, type: "system", direction: 0 });
    expect(note.body).not.toBe("");
    expect(note.sender).toBeUndefined();
    const { event, by, members, text } = change;
    expect(note.content?.note).toMatchObject({
      event,
      ...(by !== undefined && { actor: { number: by } }),
      ...(members && { targets: members.map((number) => ({ number })) }),
      ...(text !== undefined && { text }),
    });
  });

  test("describes the group again after a changed subject, participant or role", async () => {
    const { events, side } = session();
    side.changeGroup(group, { event: "subject_changed", by: ana, text: "Vizinhos" });
    await events.fact("group", ({ subject }) => subject === "Vizinhos");
    side.changeGroup(group, { event: "added", by: ana, members: [caio] });
    const roleOf = (fact: Awaited<ReturnType<typeof description>>) =>
      fact.participants?.find(({ number }) => number === caio)?.role;
    await events.fact("group", (fact) => roleOf(fact) === "member");
    side.changeGroup(group, { event: "promoted", by: ana, members: [caio] });
    await events.fact("group", (fact) => roleOf(fact) === "admin");
    side.changeGroup(group, { event: "left", by: caio, members: [caio] });
    await events.fact("group", (fact) => fact.participants?.length === 3 && fact.subject === "Vizinhos");
  });

  test("emits a changed picture of the group, which can be fetched", async () => {
    const { engine, events, side } = session();
    const bytes = side.changeGroupPicture(group, ana);
    await events.fact("group", ({ pictureChanged }) => pictureChanged === true);
    expect(Buffer.from((await engine.fetchProfilePicture(group)) ?? [])).toEqual(Buffer.from(bytes));
  });

  test("sends a text, a reply and a file once, and emits the receipts", async () => {
    const { engine, events, side } = session();
    const text: Outgoing = { kind: "text", ...to(), body: "bom dia, grupo" };
    await engine.send(text);
    await engine.send(text);
    expect(side.sent.filter(({ waKey }) => waKey === text.waKey)).toEqual([
      { waKey: text.waKey, number: group, body: "bom dia, grupo" },
    ]);
    expect(await engine.find(text)).toBe("accepted");
    expect(await engine.find({ ...text, waKey: newKey() })).toBe("absent");
    await events.fact("ack", (fact) => fact.waKey === text.waKey && fact.status === "read");
    const { waKey } = await receive({ from: bia, body: "tem entrega?" });
    for (const sender of [{ number: bia }, undefined]) {
      const quoted = { waKey, direction: 0 as const, ...(sender && { sender }) };
      await engine.send({ kind: "text", ...to(), body: "tem", quoted });
      expect(side.sent.at(-1)).toMatchObject({ number: group, body: "tem", quoted: waKey });
    }
    const bytes = Buffer.from("uma foto");
    const file = {
      mimeType: "image/png",
      fileName: null,
      sizeBytes: bytes.length,
      open: async function* () {
        yield bytes;
      },
    };
    await engine.send({ kind: "media", ...to(), as: "image", caption: "olhem", file });
    expect(side.sent.at(-1)).toMatchObject({ number: group, body: "olhem", file: { as: "image" } });
  });

  test("reacts to a message of a participant, and edits and deletes own messages", async () => {
    const { engine, side } = session();
    const { waKey } = await receive({ from: bia, body: "boa!" });
    const target = { waKey, direction: 0 as const, sender: { number: bia } };
    const reaction: Outgoing = { kind: "reaction", ...to(), target, emoji: "❤️" };
    await engine.send(reaction);
    expect(side.changed.at(-1)).toEqual({ change: "reaction", target: waKey, body: "❤️" });
    expect(await engine.find(reaction)).toBe("accepted");
    const text: Outgoing = { kind: "text", ...to(), body: "abrimos às 8" };
    await engine.send(text);
    const own = { waKey: text.waKey, direction: 1 as const };
    const edit: Outgoing = { kind: "edit", ...to(), target: own, body: "abrimos às 9" };
    await engine.send(edit);
    expect(side.changed.at(-1)).toEqual({ change: "edit", target: text.waKey, body: "abrimos às 9" });
    expect(await engine.find(edit)).toBe("accepted");
    const deletion: Outgoing = { kind: "delete", ...to(), target: own };
    await engine.send(deletion);
    expect(side.changed.at(-1)).toEqual({ change: "delete", target: text.waKey, body: "" });
    expect(await engine.find(deletion)).toBe("accepted");
    await expect(engine.send({ ...deletion, ...to(), target })).rejects.toMatchObject({ reason: "not_changeable" });
  });

  test("reads the past of a group with its description, senders, notes and reactions", async () => {
    const { engine, side } = session();
    const sinceMs = Date.now() - 2_000;
    const { waKey } = await receive({ from: bia, body: "guarde isto" });
    side.react(waKey, "😀", ana);
    const note = side.changeGroup(group, { event: "description_changed", by: ana, text: "Regras" });
    await session().events.fact("message", (fact) => fact.waKey === note);
    await engine.includeGroups(true);
    const facts = (await readParts(engine, { sinceMs, changesFromMs: sinceMs })).flat();
    const ofGroup = facts.filter((fact) => "waChatId" in fact && fact.waChatId === group);
    expect(ofGroup[0]).toMatchObject({ kind: "group", subject: "Vizinhos", isMember: true });
    expect(ofGroup).toContainEqual(
      expect.objectContaining({ kind: "message", waKey, sender: expect.objectContaining({ number: bia }) }),
    );
    expect(ofGroup).toContainEqual(
      expect.objectContaining({
        ...{ kind: "reaction", waKey, emoji: "😀" },
        sender: expect.objectContaining({ number: ana }),
      }),
    );
    expect(ofGroup.filter((fact) => "waKey" in fact && fact.waKey === note)).toHaveLength(1);
  });

  test("refuses messages to a group where only admins may write, and to one that the phone left", async () => {
    const { engine, events, side } = session();
    const send = () => engine.send({ kind: "text", ...to(), body: "posso?" });
    side.changeGroup(group, { event: "settings_changed", by: ana, onlyAdmins: true });
    await events.fact("message", ({ content }) => content?.note?.event === "settings_changed");
    await expect.poll(() => send().catch(({ reason }) => reason)).toBe("admins_only");
    side.changeGroup(group, { event: "removed", by: ana, members: [own()] });
    await events.fact("group", ({ isMember }) => isMember === false);
    await expect(send()).rejects.toMatchObject({ name: "SendError", kind: "permanent", reason: "not_a_member" });
  });

  test.for([
    { event: "encryption" },
    { event: "number_changed", to: "5511900001111" },
    { event: "disappearing_changed", seconds: 86_400 },
  ] as const)("emits a note of WhatsApp in the chat with a client: $event", async (received) => {
    const { events, side } = session();
    const waKey = side.receiveNote(ana, received);
    const note = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(note).toMatchObject({ type: "system", direction: 0, client: { number: ana } });
    expect(note.body).not.toBe("");
    const text = "to" in received ? received.to : "seconds" in received ? String(received.seconds) : undefined;
    expect(note.content?.note).toMatchObject({ event: received.event, ...(text !== undefined && { text }) });
  });
}
