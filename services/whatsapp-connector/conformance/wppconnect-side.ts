import { isGroupChat } from "@syszap/contracts";
import { type Phone, startStandIn } from "@syszap/whatsapp-web-stand-in";
import { readContent } from "../src/engines/wppconnect/inbound/content/content.ts";
import { forwardedOf } from "../src/engines/wppconnect/inbound/context.ts";
import { VendorContent } from "../src/engines/wppconnect/inbound/vendor.ts";
import { createWppconnectEngine } from "../src/engines/wppconnect/index.ts";
import { processesOf } from "../test/support/wppconnect/browser-processes.ts";
import { changeGroup, toVendorMention, toVendorNote } from "./vendor-groups.ts";
import { mimeTypes, toVendorContent, toVendorContext, vendorTypes } from "./vendor-shapes.ts";
import type { EngineUnderTest, Sent, WhatsAppSide } from "./whatsapp-side.ts";

/** Triggers events on a phone of the WhatsApp Web stand-in, which a real browser shows. */
export const wppconnectSide: EngineUnderTest = {
  open: async ({ profileDirectory }) => {
    const standIn = await startStandIn();
    const chromiumPath = process.env.CHROMIUM_PATH;
    const create = createWppconnectEngine({
      standIn: standIn.address,
      ...(chromiumPath !== undefined && { chromiumPath }),
    });
    const phone = standIn.phone("5511999990000", "Loja");
    const stranger = standIn.phone("5511911112222", "Outra");
    let drawn = 0;
    const newBytes = () => Buffer.from(`not really an image, but its bytes must arrive unchanged: ${++drawn}`);
    const side: WhatsAppSide = {
      numberWithoutWhatsApp: "00055555555",
      get sent() {
        return phone.sent.map(toSent);
      },
      get changed() {
        return phone.changed.map(({ change, target, body }) => ({ change: changes[change], target, body }));
      },
      nextTyping: () => phone.next("typing"),
      nextRead: () => phone.next("read"),
      phoneNumber: phone.number,
      rotatePairingCode: () => standIn.endLinkCodes(),
      typeCode: (code, number) => standIn.typeCode(code, number === phone.number ? phone : stranger),
      rotateCode: () => standIn.rotateQrs(),
      scan: (code) => standIn.scan(code, phone),
      demandPasskey: (demand) => phone.demandPasskey(demand && { demand, at: demand === "use" ? "click" : "once" }),
      endPasskey: (why) => phone.endPasskey(why),
      satisfyPasskey: () => phone.satisfyPasskey(),
      unlink: () => phone.unlink(),
      networkDown: () => standIn.networkDown(),
      networkUp: () => standIn.networkUp(),
      hold: () => phone.hold(),
      release: () => phone.release(),
      receive: (message) => phone.receive(message),
      receiveImage: ({ from, body }) => {
        const bytes = newBytes();
        return { waKey: phone.receive({ from, body, media: { bytes, mimeType: "image/png" } }), bytes };
      },
      receiveFile: ({ from, kind, body }) => {
        const bytes = newBytes();
        const media = { bytes, mimeType: mimeTypes[kind] };
        return { waKey: phone.receive({ from, body, media, type: vendorTypes[kind] }), bytes };
      },
      receiveContent: ({ from, content, body }) => phone.receive({ from, ...toVendorContent(content, body) }),
      receiveWithContext: ({ from, body, context, quoted }) =>
        phone.receive({ from, body, attributes: toVendorContext(context, quoted) }),
      receiveViewOnce: ({ from }) =>
        phone.receive({ from, media: { bytes: newBytes(), mimeType: "image/png" }, attributes: { isViewOnce: true } }),
      createGroup: (group) => phone.groups.create(group),
      receiveInGroup: ({ group, content, mention, quoted, ...message }) =>
        phone.groups.receive(group, {
          ...message,
          ...(content && toVendorContent(content, message.body)),
          attributes: {
            ...(content && toVendorContent(content, message.body).attributes),
            ...(mention && toVendorMention(mention)),
            ...(quoted && { quotedStanzaID: quoted.waKey, quotedParticipant: `${quoted.from}@c.us` }),
          },
        }),
      changeGroup: (group, change) => changeGroup(phone, group, change),
      changeGroupPicture: (group, by) => {
        const bytes = newBytes();
        phone.groups.setPicture(group, by, bytes);
        return bytes;
      },
      receiveNote: (number, note) => phone.notify(number, toVendorNote(number, note)),
      vote: (poll, options, by) => phone.vote(poll, options, by),
      move: (waKey, position) => phone.move(waKey, position),
      receiveUnknown: ({ from, vendorKind }) => phone.receive({ from, body: "", type: vendorKind }),
      write: ({ to, timestampMs, content, quoted, body }) => {
        const written = {
          body,
          attributes: toVendorContext(undefined, quoted),
          ...(content && toVendorContent(content, body)),
          ...(timestampMs !== undefined && { t: Math.floor(timestampMs / 1_000) }),
        };
        return isGroupChat(to) ? phone.groups.write(to, written) : phone.write({ to, ...written });
      },
      block: (number) => phone.block(number),
      edit: (waKey, body) => void phone.edit(waKey, body),
      revoke: (waKey) => phone.revoke(waKey),
      react: (waKey, emoji, by) => phone.react(waKey, emoji, by),
      readChat: (number) => phone.readChat(number),
      type: (number, state) => phone.type(number, state),
      rename: (number, name) => phone.rename(number, name),
      changePicture: (number) => {
        const bytes = newBytes();
        phone.setPicture(number, bytes);
        return bytes;
      },
      takeOver: () => phone.stream("CONFLICT", "CONFLICT"),
      giveBack: () => phone.stream("MAIN", "CONNECTED"),
      phoneAway: () => phone.goOffline(),
      phoneBack: () => phone.comeOnline(),
      remains: () => processesOf(profileDirectory),
      close: () => standIn.close(),
    };
    return { create, side };
  },
};

const changes = { edit: "edit", react: "reaction", revoke: "delete" } as const;
const kinds: Record<string, string> = { ptt: "voice" };

const toSent = ({ key, to, body, type, quoted, media, attributes }: Phone["sent"][number]): Sent => {
  const { content } = readContent(VendorContent.parse({ type, body, ...attributes }));
  return {
    waKey: key,
    number: to,
    body: content ? "" : body,
    ...(quoted !== undefined && { quoted }),
    ...(media && {
      file: {
        as: kinds[type] ?? type,
        mimeType: media.mimetype,
        fileName: media.filename,
        sha256: Buffer.from(media.filehash, "base64").toString("hex"),
      },
    }),
    ...(content?.location && {
      place: { latitude: content.location.latitude, longitude: content.location.longitude },
    }),
    ...(content?.contacts && { cards: content.contacts }),
    ...(content?.poll && { poll: content.poll }),
    ...forwardedOf(attributes ?? {}),
  };
};
