import { EngineControls } from "../src/engines/contract/controls.ts";
import { noteText } from "../src/engines/contract/note-text.ts";
import { createSimulator, simulatorDefaults } from "../src/engines/simulator/index.ts";
import type { AccountAction } from "../src/engines/simulator/phone/account-action.ts";
import { handleOf, makeFile } from "../src/engines/simulator/phone/files.ts";
import { drawPhoto, drawProfilePicture } from "../src/engines/simulator/phone/picture.ts";
import type { PhoneControl } from "../src/engines/simulator/phone-control.ts";
import { Recorder } from "../test/support/recorder.ts";
import type { Changed, EngineUnderTest, Sent, WhatsAppSide } from "./whatsapp-side.ts";

type Typing = Awaited<ReturnType<WhatsAppSide["nextTyping"]>>;

/** Triggers events on a simulated phone in this process. */
export const simulatorSide: EngineUnderTest = {
  open: async ({ id }) => {
    const controls = new EngineControls();
    const create = createSimulator({ ...simulatorDefaults, seed: "conformance" });
    const sent: Sent[] = [];
    const changed: Changed[] = [];
    const typings = new Recorder<Typing>();
    const reads = new Recorder<{ number: string }>();
    const record = (action: AccountAction) => {
      if (action.kind === "sent") sent.push(toSent(action));
      else if (action.kind === "changed")
        changed.push({ change: action.change, target: action.target.waKey, body: action.body });
      else if (action.kind === "typing") typings.push({ number: action.number, state: action.state });
      else reads.push({ number: action.number });
    };
    let subscribed: PhoneControl | undefined;
    /** The current phone: a restarted engine has a new control. */
    const phone = () => {
      const control = controls.find(id) as PhoneControl | undefined;
      if (!control) throw new Error("the engine does not run");
      if (control !== subscribed) control.onAction(record);
      subscribed = control;
      return control;
    };
    const pictures = new Map<string, number>();
    const side: WhatsAppSide = {
      numberWithoutWhatsApp: "5511912340000",
      sent,
      changed,
      nextTyping: () => typings.next(),
      nextRead: () => reads.next(),
      phoneNumber: "5511999998888",
      rotatePairingCode: () => phone().rotatePairingCode(),
      typeCode: (code, phoneNumber) => phone().typeCode({ code, phoneNumber }),
      rotateCode: () => phone().rotateQr(),
      scan: (code) => phone().scan(code),
      demandPasskey: (demand) => phone().demandPasskey(demand !== null),
      endPasskey: () => undefined, // the simulator shows no codes until it is started again
      satisfyPasskey: () => phone().satisfyPasskey(),
      unlink: () => phone().unlink(),
      networkDown: () => phone().drop("network_lost"),
      networkUp: () => phone().restore(),
      takeOver: () => phone().drop("opened_elsewhere"),
      giveBack: () => phone().restore(),
      phoneAway: () => phone().drop("phone_offline"),
      phoneBack: () => phone().restore(),
      hold: () => phone().hold(),
      release: () => phone().release(),
      receive: (message) => phone().message(message).waKey,
      receiveImage: ({ from, body }) => {
        const { waKey } = phone().message({ from, body, file: { kind: "image", seed: body } });
        return { waKey, bytes: drawPhoto(body) };
      },
      receiveFile: ({ from, kind, body }) => {
        const file = { kind, seed: body };
        return { waKey: phone().message({ from, body, file }).waKey, bytes: makeFile(handleOf(file)) };
      },
      receiveContent: (message) => phone().message(message).waKey,
      receiveWithContext: ({ quoted, ...message }) => phone().message({ ...message, ...quoteOf(quoted) }).waKey,
      receiveViewOnce: ({ from }) => {
        const file = { kind: "image" as const, seed: "secret" };
        return phone().message({ from, body: "", file, context: { isViewOnce: true } }).waKey;
      },
      createGroup: (group) => phone().createGroup(group),
      receiveInGroup: ({ quoted, mention, ...message }) => {
        const context = mention && { mentions: [{ text: mention.number, number: mention.number }] };
        return phone().message({ ...message, ...(context && { context }), ...quoteOf(quoted?.waKey, quoted?.from) })
          .waKey;
      },
      changeGroup: (group, change) => phone().changeGroup(group, change).waKey,
      changeGroupPicture: (group, by) => {
        const changes = (pictures.get(group) ?? 0) + 1;
        pictures.set(group, changes);
        phone().changeGroup(group, { event: "picture_changed", by });
        return drawProfilePicture(group, changes);
      },
      receiveNote: (from, { event, ...about }) => {
        const text = "to" in about ? about.to : "seconds" in about ? String(about.seconds) : undefined;
        const note = { event, ...(text !== undefined && { text }) };
        return phone().message({ from, body: noteText(note), content: { note } }).waKey;
      },
      vote: (poll, options, by) => void phone().vote(poll, options, by),
      move: (waKey, position) => void phone().move(waKey, position),
      receiveUnknown: (message) => phone().message({ ...message, body: "" }).waKey,
      write: ({ quoted, ...message }) => phone().write({ ...message, ...quoteOf(quoted) }).waKey,
      block: (number) => phone().block(number),
      edit: (waKey, body) => void phone().edit(waKey, body),
      revoke: (waKey) => void phone().revoke(waKey),
      react: (waKey, emoji, by) => void phone().react(waKey, emoji, by),
      readChat: (number) => phone().read(number),
      type: (number, state) => phone().typing(number, state),
      rename: (number, name) => phone().rename(number, name),
      changePicture: (number) => {
        const changes = (pictures.get(number) ?? 0) + 1;
        pictures.set(number, changes);
        phone().changePicture(number);
        return drawProfilePicture(number, changes);
      },
      remains: async () => [controls.find(id)].filter((found) => found !== undefined),
      close: async () => undefined,
    };
    return { create: (context) => create({ ...context, controls }), side };
  },
};

/** `from`: number of the participant of a group who wrote the original. */
const quoteOf = (waKey: string | undefined, from?: string) =>
  waKey === undefined
    ? {}
    : {
        quoted: {
          ...{ waKey, direction: null, kind: "text" as const, body: "" },
          ...(from !== undefined && { direction: 0 as const, sender: { number: from, name: null } }),
        },
      };

const toSent = ({ kind: _kind, quoted, file, place, ...sent }: Extract<AccountAction, { kind: "sent" }>): Sent => ({
  ...sent,
  ...(quoted && { quoted: quoted.waKey }),
  ...(file && { file: { as: file.as, mimeType: file.mimeType, fileName: file.fileName, sha256: file.sha256 } }),
  ...(place && { place: { latitude: place.latitude, longitude: place.longitude } }),
});
