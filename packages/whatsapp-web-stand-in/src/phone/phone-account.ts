import { randomUUID } from "node:crypto";
import type { WireContact, WireGroup, WireMessage } from "../protocol/protocol.ts";
import { PhoneFiles } from "./phone-files.ts";

export interface StoredPicture {
  tag: string;
  bytes: Uint8Array;
}

/** Messages that WhatsApp does not count as unread (WAWebMsgGetters, `getIsUnreadType`). */
const uncounted: ReadonlySet<string> = new Set(["gp2", "e2e_notification", "notification_template", "protocol"]);

/** Data of one account: contacts, groups, pictures, messages in order, unread counts and files. */
export class PhoneAccount {
  readonly contacts = new Map<string, WireContact>();
  readonly groups = new Map<string, WireGroup>();
  readonly pictures = new Map<string, StoredPicture>();
  readonly messages: WireMessage[] = [];
  readonly files = new PhoneFiles();
  private readonly unread = new Map<string, number>();
  private readonly picturePaths = new Map<string, string>();

  contact(number: string): WireContact {
    const id = `${number}@c.us`;
    const known = this.contacts.get(id);
    if (known) return known;
    const contact: WireContact = { id, name: null, pushname: null, lid: null };
    this.contacts.set(id, contact);
    return contact;
  }

  /** Id of the chat with this contact: its anonymous id after a migration, otherwise its number. */
  chatOf(number: string): string {
    const { id, lid } = this.contact(number);
    return lid ?? id;
  }

  /** Number of the contact in this chat, for both kinds of chat ids. Of a group, its id. */
  numberOf(chat: string): string {
    if (chat.endsWith("@g.us")) return chat;
    const contact = [...this.contacts.values()].find(({ id, lid }) => id === chat || lid === chat);
    return (contact?.id ?? chat).split("@")[0] ?? chat;
  }

  /** Each picture gets a new path, as in WhatsApp. */
  setPicture(number: string, bytes: Uint8Array | null): { tag: string; path: string | null } {
    const tag = randomUUID();
    this.pictures.delete(this.picturePaths.get(number) ?? "");
    this.picturePaths.delete(number);
    if (!bytes) return { tag, path: null };
    const path = `/picture/${number}/${tag}`;
    this.pictures.set(path, { tag, bytes });
    this.picturePaths.set(number, path);
    return { tag, path };
  }

  pictureOf(number: string): { tag: string; path: string } | null {
    const path = this.picturePaths.get(number) ?? "";
    const known = this.pictures.get(path);
    return known ? { tag: known.tag, path } : null;
  }

  message(id: string): WireMessage | undefined {
    return this.messages.find((message) => message.id === id);
  }

  add(message: WireMessage): void {
    this.messages.push(message);
    if (!message.fromMe && !uncounted.has(message.type))
      this.unread.set(message.chat, (this.unread.get(message.chat) ?? 0) + 1);
  }

  read(chat: string): void {
    this.unread.delete(chat);
  }

  chats(): { id: string; unread: number }[] {
    const ids = new Set(this.messages.map((message) => message.chat));
    return [...ids].map((id) => ({ id, unread: this.unread.get(id) ?? 0 }));
  }
}
