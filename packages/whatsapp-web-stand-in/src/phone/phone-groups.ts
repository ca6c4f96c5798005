import { randomInt } from "node:crypto";
import type { ToPage, WireGroup, WireMessage } from "../protocol/protocol.ts";
import { nowSeconds } from "./message-key.ts";
import type { PhoneAccount } from "./phone-account.ts";
import type { IncomingContent } from "./phone-files.ts";

interface GroupDependencies {
  /** Number of the phone. */
  number: string;
  account: PhoneAccount;
  pictureUrl(path: string): string;
  broadcast(frame: ToPage): void;
  /** Adds a message and returns its key. */
  addMessage(
    message: Pick<WireMessage, "fromMe" | "chat"> & { author: string | undefined; notifyName: string | null },
    content: IncomingContent,
  ): string;
}

/** A notification as WhatsApp Web creates it (module WAWebGroupSystemMsg: `gp2` with subtype, author, recipients, body). */
interface GroupNotification {
  subtype: string;
  by?: string | undefined;
  recipients?: string[];
  body?: string;
  templateParams?: string[];
}

/** The groups of a phone. People are named by their numbers; each action adds the notification that WhatsApp Web shows. */
export class PhoneGroups {
  constructor(private readonly phone: GroupDependencies) {}

  /** The phone and `owner` are members. Returns the id of the group. */
  create(group: { subject: string; owner: string; members: string[]; isLidAddressingMode?: boolean }): string {
    const { subject, owner, members, isLidAddressingMode = false } = group;
    const id = `1203630${randomInt(10 ** 11, 10 ** 12)}@g.us`;
    const wire: WireGroup = {
      id,
      subject,
      creation: nowSeconds(),
      isLidAddressingMode,
      announce: false,
      participants: [],
    };
    this.phone.account.groups.set(id, wire);
    for (const number of new Set([owner, this.phone.number, ...members])) this.addParticipant(wire, number);
    this.setRole(wire, owner, { isAdmin: true, isSuperAdmin: true });
    this.changed(wire);
    this.notify(wire, { subtype: "create", by: owner, body: subject });
    return id;
  }

  /** A participant writes. Returns the key of the message. */
  receive(group: string, message: { from: string; name?: string } & IncomingContent): string {
    const wire = this.find(group);
    const contact = this.phone.account.contact(message.from);
    if (message.name !== undefined) contact.pushname = message.name;
    this.phone.broadcast({ kind: "contact", contact });
    const author = this.widOf(wire, message.from);
    return this.phone.addMessage({ fromMe: false, chat: group, author, notifyName: contact.pushname }, message);
  }

  /** The owner of the phone writes on the phone. Returns the key of the message. */
  write(group: string, content: IncomingContent): string {
    const author = this.widOf(this.find(group), this.phone.number);
    return this.phone.addMessage({ fromMe: true, chat: group, author, notifyName: null }, content);
  }

  setSubject(group: string, by: string, subject: string): string {
    const wire = this.find(group);
    wire.subject = subject;
    this.changed(wire);
    return this.notify(wire, { subtype: "subject", by, body: subject });
  }

  setDescription(group: string, by: string, text: string): string {
    return this.notify(this.find(group), { subtype: "description", by, body: text });
  }

  setPicture(group: string, by: string, bytes: Uint8Array | null): string {
    const wire = this.find(group);
    const { tag, path } = this.phone.account.setPicture(group, bytes);
    this.phone.broadcast({ kind: "picture", wid: group, tag, url: path && this.phone.pictureUrl(path) });
    return this.notify(wire, { subtype: "picture", by, body: bytes ? "set" : "remove" });
  }

  add(group: string, by: string, ...members: string[]): string {
    const wire = this.find(group);
    for (const number of members) this.addParticipant(wire, number);
    this.changed(wire);
    return this.notify(wire, { subtype: "add", by, recipients: members });
  }

  /** Members join by the invitation link. */
  join(group: string, ...members: string[]): string {
    const wire = this.find(group);
    for (const number of members) this.addParticipant(wire, number);
    this.changed(wire);
    return this.notify(wire, { subtype: "invite", recipients: members });
  }

  remove(group: string, by: string, member: string): string {
    const wire = this.find(group);
    this.removeParticipant(wire, member);
    return this.notify(wire, { subtype: "remove", by, recipients: [member] });
  }

  leave(group: string, member: string): string {
    const wire = this.find(group);
    this.removeParticipant(wire, member);
    return this.notify(wire, { subtype: "leave", by: member, recipients: [member] });
  }

  promote(group: string, by: string, member: string): string {
    const wire = this.find(group);
    this.setRole(wire, member, { isAdmin: true, isSuperAdmin: false });
    this.changed(wire);
    return this.notify(wire, { subtype: "promote", by, recipients: [member] });
  }

  demote(group: string, by: string, member: string): string {
    const wire = this.find(group);
    this.setRole(wire, member, { isAdmin: false, isSuperAdmin: false });
    this.changed(wire);
    return this.notify(wire, { subtype: "demote", by, recipients: [member] });
  }

  /** Only admins may write, or everybody again. */
  announce(group: string, by: string, isOnlyAdmins: boolean): string {
    const wire = this.find(group);
    wire.announce = isOnlyAdmins;
    this.changed(wire);
    const value = isOnlyAdmins ? "on" : "off";
    return this.notify(wire, { subtype: "announce", by, body: value, templateParams: [value] });
  }

  setTimer(group: string, by: string, seconds: number): string {
    return this.notify(this.find(group), { subtype: "ephemeral", by, templateParams: [String(seconds)] });
  }

  /** The id of this person in the group: the anonymous id, or that of the phone number. */
  widOf({ isLidAddressingMode }: WireGroup, number: string): string {
    const { account, number: own } = this.phone;
    if (number === own) return isLidAddressingMode ? `9${own}@lid` : `${own}@c.us`;
    return isLidAddressingMode ? account.chatOf(number) : `${number}@c.us`;
  }

  find(group: string): WireGroup {
    const wire = this.phone.account.groups.get(group);
    if (!wire) throw new Error(`There is no group ${group}.`);
    return wire;
  }

  private addParticipant(wire: WireGroup, number: string): void {
    this.phone.broadcast({ kind: "contact", contact: this.phone.account.contact(number) });
    const id = this.widOf(wire, number);
    if (wire.participants.some((known) => known.id === id)) return;
    wire.participants.push({ id, isAdmin: false, isSuperAdmin: false });
  }

  private removeParticipant(wire: WireGroup, number: string): void {
    const id = this.widOf(wire, number);
    wire.participants = wire.participants.filter((known) => known.id !== id);
    this.changed(wire);
  }

  private setRole(wire: WireGroup, number: string, role: { isAdmin: boolean; isSuperAdmin: boolean }): void {
    const id = this.widOf(wire, number);
    wire.participants = wire.participants.map((known) => (known.id === id ? { id, ...role } : known));
  }

  private changed(group: WireGroup): void {
    this.phone.broadcast({ kind: "group", group });
  }

  /** WhatsApp Web names the participant in the key if the author or a single recipient is known. */
  private notify(wire: WireGroup, { subtype, by, recipients = [], body, templateParams }: GroupNotification): string {
    const author = by === undefined ? undefined : this.widOf(wire, by);
    const wids = recipients.map((number) => this.widOf(wire, number));
    const attributes = { subtype, recipients: wids, ...(templateParams && { templateParams }) };
    const content = { type: "gp2", attributes, ...(body !== undefined && { body }) };
    return this.phone.addMessage({ fromMe: false, chat: wire.id, author, notifyName: null }, content);
  }
}
