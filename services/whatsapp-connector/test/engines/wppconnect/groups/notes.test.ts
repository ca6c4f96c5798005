import { describe, expect, test } from "vitest";
import { Addresses, parseKey } from "../../../../src/engines/wppconnect/inbound/addresses.ts";
import { Facts } from "../../../../src/engines/wppconnect/inbound/facts.ts";
import { People } from "../../../../src/engines/wppconnect/inbound/groups/people.ts";
import { VendorMessage } from "../../../../src/engines/wppconnect/inbound/vendor.ts";

const group = "120363000000000000@g.us";
const ana = "5511988887777@c.us";
const lid = "88000000000001@lid";
const hidden = "88000000000002@lid";
const own = { number: "5511999990000", lid: "95511999990000" };

function factsOf() {
  const addresses = new Addresses(async (wid) => (wid === lid ? "5521977776666" : null));
  addresses.own = own;
  const names: Record<string, string> = { [ana]: "Ana", "5521977776666@c.us": "Bia" };
  const name = async (ids: string[]) => ids.map((id) => names[id]).find((known) => known !== undefined) ?? null;
  return new Facts(addresses, new People(addresses, name));
}
const read = (message: object) =>
  factsOf().message(
    VendorMessage.parse({ id: `false_${group}_3EB01_${ana}`, type: "gp2", t: 1_700_000_000, ...message }),
  );
const noteOf = async (message: object) => {
  const fact = await read(message);
  return fact?.kind === "message" ? { body: fact.body, ...fact.content?.note } : undefined;
};

describe("notes", () => {
  test("name people by number and name, a hidden number never by its LID, and the session's number as itself", async () => {
    const added = { subtype: "add", author: `${own.lid}@lid`, recipients: [lid, hidden] };
    expect(await noteOf(added)).toEqual({
      body: "You added Bia, Someone",
      event: "added",
      actor: null,
      targets: [
        { name: "Bia", number: "5521977776666" },
        { name: null, number: null },
      ],
    });
    expect(JSON.stringify(await read(added))).not.toContain("88000000000002");
  });

  test("name nobody if WhatsApp does not", async () => {
    expect(await noteOf({ subtype: "picture", body: "set" })).toEqual({
      event: "picture_changed",
      body: "Someone changed the picture of the group",
    });
  });

  test("have the changed number of a participant", async () => {
    expect(await noteOf({ subtype: "modify", author: ana, recipients: [lid] })).toEqual({
      event: "number_changed",
      actor: { name: "Ana", number: "5511988887777" },
      targets: [{ name: "Bia", number: "5521977776666" }],
      text: "5521977776666",
      body: "Ana changed their number to 5521977776666",
    });
  });

  test("an unknown subtype is a note without details, and one without a meaning is none", async () => {
    expect(await noteOf({ subtype: "something_new", author: ana })).toMatchObject({ event: "other" });
    expect(await read({ subtype: "initial_pHash_mismatch" })).toBeUndefined();
  });

  test.each([
    ["change_number", { templateParams: [ana, "5511900001111@c.us"], to: "5511900001111@c.us" }, "5511900001111"],
    ["disappearing_mode", { ephemeralDuration: 0, ephemeralSettingUser: ana }, "0"],
  ])("are read in the chat with a client: %s", async (subtype, attributes, text) => {
    const note = {
      id: `false_${ana}_3EB01`,
      type: "notification_template",
      subtype,
      isNotification: true,
      ...attributes,
    };
    const fact = await read(note);
    expect(fact).toMatchObject({ client: { number: "5511988887777", name: null }, content: { note: { text } } });
    expect(fact).not.toHaveProperty("context");
  });

  test("a disappearing timer that the client set is a note of the client", async () => {
    const setting = { type: "protocol", subtype: "ephemeral_setting", ephemeralDuration: 86_400 };
    expect(await noteOf({ id: `false_${ana}_3EB01`, ...setting })).toMatchObject({
      event: "disappearing_changed",
      actor: { name: "Ana" },
      text: "86400",
    });
  });
});

describe("keys of messages", () => {
  test("of a group name the participant, and may contain underscores", () => {
    expect(parseKey(`false_${group}_3EB01_${ana}`)).toEqual({
      fromMe: false,
      chat: group,
      waKey: "3EB01",
      participant: ana,
    });
    expect(parseKey(`false_${group}_1234empty_subgroup_create1700000000_${ana}`)).toMatchObject({
      waKey: "1234empty_subgroup_create1700000000",
      participant: ana,
    });
    expect(parseKey(`false_${group}_3EB01`)).toEqual({ fromMe: false, chat: group, waKey: "3EB01" });
  });

  test("of one's own chat end with the direction, which is no part of the key", () => {
    expect(parseKey(`true_${ana}_3EB01_out`)).toEqual({ fromMe: true, chat: ana, waKey: "3EB01" });
  });
});

describe("messages of groups", () => {
  const written = (message: object) => read({ type: "chat", body: "oi", ...message });

  test("have the sender of the key if WhatsApp names no author, and no client", async () => {
    const fact = await written({ id: `false_${group}_3EB01_${lid}`, notifyName: "Bia" });
    expect(fact).toMatchObject({ sender: { number: "5521977776666", lid: "88000000000001", name: "Bia" } });
    expect(fact).not.toHaveProperty("client");
  });

  test("that the session's number wrote itself have no sender, and no mention", async () => {
    const mention = { mentionedJidList: [`${own.number}@c.us`] };
    const fact = await written({ id: `true_${group}_3EB01_${own.lid}@lid`, author: `${own.lid}@lid`, ...mention });
    expect(fact).toMatchObject({ direction: 1 });
    expect(fact).not.toHaveProperty("sender");
    expect(fact).not.toHaveProperty("mentionsUs");
  });

  test("that answer a message of the session's number name no sender of it", async () => {
    const quoted = { quotedStanzaID: "3EB00", quotedParticipant: `${own.lid}@lid` };
    expect(await written(quoted)).toMatchObject({ quoted: { waKey: "3EB00", direction: 1 } });
  });

  test("reactions and votes of the session's number are the company's", async () => {
    const facts = factsOf();
    const msgId = `false_${group}_3EB01_${ana}`;
    const reaction = { id: `true_${group}_3EB02_${own.lid}@lid`, msgId, reactionText: "👍" };
    expect(await facts.reaction(reaction)).toMatchObject({ from: "company", waChatId: group });
    const vote = { msgId, selectedOptions: [{ name: "Sim" }], sender: `${own.number}@c.us` };
    expect(await facts.vote(vote)).toMatchObject({ from: "company", options: ["Sim"] });
    expect(await facts.vote({ ...vote, sender: lid })).toMatchObject({ from: "client", sender: { name: "Bia" } });
  });
});
