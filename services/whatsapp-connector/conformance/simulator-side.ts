import type { MessageContent } from "@syszap/contracts";
import type { AgentAct } from "../src/engines/simulator/phone/account-action.ts";
import { handleOf, makeFile } from "../src/engines/simulator/phone/files.ts";
import { drawPhoto, drawProfilePicture } from "../src/engines/simulator/phone/picture.ts";
import { Recorder } from "../test/support/recorder.ts";
import { enginesWith } from "./registry.ts";
import type { Changed, EngineUnderTest, Sent, WhatsAppSide } from "./whatsapp-side.ts";

type Typing = Awaited<ReturnType<WhatsAppSide["nextTyping"]>>;

/** Simulated phones live in the engine's process and are ordered about. */
export const simulatorSide: EngineUnderTest = {
  open: async ({ id }) => {
    const { registry, phones } = enginesWith();
    const { simulator } = registry;
    if (!simulator) throw new Error("the simulator is not in the registry");
    const sent: Sent[] = [];
    const changed: Changed[] = [];
    const typings = new Recorder<Typing>();
    const reads = new Recorder<{ number: string }>();
    let watched: unknown;
    /** The phone of this moment: a restarted engine has a new one. */
    const phone = () => {
      const found = phones.find(id);
      if (!found) throw new Error("the engine does not run");
      if (found === watched) return found;
      watched = found;
      found.onAct((act) => {
        if (act.kind === "sent") sent.push(asSent(act));
        else if (act.kind === "changed") changed.push({ change: act.change, target: act.target.waKey, body: act.body });
        else if (act.kind === "typing") typings.push({ number: act.number, state: act.state });
        else reads.push({ number: act.number });
      });
      return found;
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
        const { waKey } = phone().message({ from, body, imageSeed: body });
        return { waKey, bytes: drawPhoto(body) };
      },
      receiveFile: ({ from, kind, body }) => {
        const file = { kind, seed: body };
        return { waKey: phone().message({ from, body, file }).waKey, bytes: makeFile(handleOf(file)) };
      },
      receiveContent: (message) => phone().message({ ...message, body: saidIn(message.content) }).waKey,
      receiveUnknown: (message) => phone().message({ ...message, body: "" }).waKey,
      write: (message) => phone().write(message).waKey,
      block: (number) => phone().block(number),
      edit: (waKey, body) => void phone().edit(waKey, body),
      revoke: (waKey) => void phone().revoke(waKey),
      react: (waKey, emoji) => void phone().react(waKey, emoji),
      type: (number, state) => phone().typing(number, state),
      rename: (number, name) => phone().rename(number, name),
      changePicture: (number) => {
        const changes = (pictures.get(number) ?? 0) + 1;
        pictures.set(number, changes);
        phone().changePicture(number);
        return drawProfilePicture(number, changes);
      },
      remains: async () => [phones.find(id)].filter((found) => found !== undefined),
      close: async () => undefined,
    };
    return { create: simulator, side };
  },
};

/** What can be read of it, as WhatsApp's adapter tells it. */
const saidIn = ({ contacts, poll }: MessageContent): string =>
  poll?.question ?? contacts?.map(({ name }) => name).join(", ") ?? "";

const asSent = ({ waKey, number, body, quoted, file, place }: Extract<AgentAct, { kind: "sent" }>): Sent => ({
  ...{ waKey, number, body },
  ...(quoted && { quoted: quoted.waKey }),
  ...(file && { file: { as: file.as, mimeType: file.mimeType, fileName: file.fileName, sha256: file.sha256 } }),
  ...(place && { place: { latitude: place.latitude, longitude: place.longitude } }),
});
