import { describe, expect, test } from "vitest";
import { GroupMetadataCollection } from "../src/page/group-models.ts";
import { MsgKey, Wid } from "../src/page/wid.ts";
import { Phone } from "../src/phone/phone.ts";
import type { PhoneBehaviour } from "../src/phone/phone-behaviour.ts";

const shop = "5511999990000";
const ana = "5511988887777";
const bia = "5521977776666";
const phone = () => new Phone(shop, "Loja", {} as PhoneBehaviour, (path) => path);

describe("groups of a phone", () => {
  test("name the participant in the keys of messages and notifications", () => {
    const { groups, account } = phone();
    const group = groups.create({ subject: "Bairro", owner: ana, members: [bia] });
    const received = groups.receive(group, { from: bia, name: "Bia", body: "oi" });
    const written = groups.write(group, { body: "olá" });
    expect(account.messages.slice(-2)).toMatchObject([
      { id: `false_${group}_${received}_${bia}@c.us`, author: `${bia}@c.us`, notifyName: "Bia" },
      { id: `true_${group}_${written}_${shop}@c.us`, author: `${shop}@c.us`, notifyName: null },
    ]);
    const [created] = account.messages;
    expect(created).toMatchObject({
      type: "gp2",
      author: `${ana}@c.us`,
      body: "Bairro",
      attributes: { subtype: "create" },
    });
    expect(account.chats()).toEqual([{ id: group, unread: 1 }]);
  });

  test("use anonymous ids if the group does", () => {
    const linked = phone();
    const { groups, account } = linked;
    linked.migrate(bia, "88000000000001");
    const group = groups.create({ subject: "Bairro", owner: ana, members: [bia], isLidAddressingMode: true });
    groups.receive(group, { from: bia, body: "oi" });
    expect(groups.find(group).participants.map(({ id }) => id)).toEqual([
      `${ana}@c.us`,
      `9${shop}@lid`,
      "88000000000001@lid",
    ]);
    expect(account.messages.at(-1)?.id).toMatch(/_88000000000001@lid$/);
  });

  test("keep the last reaction of each participant", () => {
    const linked = phone();
    const group = linked.groups.create({ subject: "Bairro", owner: ana, members: [bia] });
    const key = linked.groups.write(group, { body: "quem vem?" });
    linked.react(key, "👍", ana);
    linked.react(key, "👎", bia);
    linked.react(key, "❤️", ana);
    expect(linked.account.messages.at(-1)?.reactions?.map(({ sender, text }) => [sender, text])).toEqual([
      [`${bia}@c.us`, "👎"],
      [`${ana}@c.us`, "❤️"],
    ]);
  });
});

describe("group models of the page", () => {
  test("load the metadata when it is requested, and follow changes", async () => {
    const collection = new GroupMetadataCollection();
    collection.isMe = (wid) => String(wid) === `${shop}@c.us`;
    const id = "120363000000000000@g.us";
    const group = { id, subject: "Bairro", creation: 1, isLidAddressingMode: false, announce: false };
    const member = (number: string) => ({ id: `${number}@c.us`, isAdmin: false, isSuperAdmin: false });
    collection.update({ ...group, participants: [member(shop), member(ana)] });
    expect(collection.get(id)).toBeUndefined();
    const metadata = await collection.find(new Wid(id));
    expect(metadata?.participants.iAmMember()).toBe(true);
    expect(metadata?.participants.iAmAdmin()).toBe(false);
    collection.update({ ...group, subject: "Vizinhos", participants: [member(ana)] });
    expect(metadata?.attributes.subject).toBe("Vizinhos");
    expect(metadata?.participants.iAmMember()).toBe(false);
  });

  test("message keys keep the participant", () => {
    const text = `false_120363000000000000@g.us_3EB01_${ana}@c.us`;
    expect(String(MsgKey.fromString(text))).toBe(text);
    expect(MsgKey.fromString(text).participant?.user).toBe(ana);
  });
});
