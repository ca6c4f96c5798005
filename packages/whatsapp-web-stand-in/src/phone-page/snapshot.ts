import QRCode from "qrcode";
import { keyOf } from "../phone/message-key.ts";
import type { Phone } from "../phone/phone.ts";
import type { StandIn } from "../server/stand-in.ts";

/** The state that the phone page shows. */
export async function snapshotOf(standIn: StandIn) {
  return {
    isOnline: standIn.isOnline,
    waiting: await Promise.all(
      standIn.codes.map(async (code) => ({ code, picture: await QRCode.toString(code, { type: "svg", margin: 2 }) })),
    ),
    phones: standIn.phones.map(phoneOf),
  };
}

const numberOf = (id: string) => id.split("@")[0] ?? id;

function phoneOf(phone: Phone) {
  const { account } = phone;
  const contacts = [...account.contacts.values()].filter(({ id }) => numberOf(id) !== phone.number);
  return {
    number: phone.number,
    name: phone.name,
    isLinked: phone.isLinkedAnywhere,
    openPages: phone.openPages,
    chats: contacts.map(({ id, lid, name, pushname }) => ({
      number: numberOf(id),
      name: name ?? pushname,
      typing: phone.typingOf(numberOf(id)),
      messages: account.messages
        .filter(({ chat }) => chat === id || chat === lid)
        .map((message) => ({
          key: keyOf(message.id),
          isOurs: message.fromMe,
          type: message.type,
          body: message.caption ?? message.body,
          ack: message.ack,
          at: new Date(message.t * 1_000).toISOString(),
        })),
    })),
  };
}
