import { z } from "zod";
import type { Phone } from "../phone/phone.ts";
import type { StandIn } from "../server/stand-in.ts";

const PhoneNumber = z.string().regex(/^\d{5,15}$/, "digits only, with country code");
const key = z.string().min(1).max(100);
const text = z.string().max(200_000);
const DataUrl = z.string().regex(/^data:[^;,]+;base64,/, "a data URL");

function fileOf(dataUrl: string): { bytes: Uint8Array; mimeType: string } {
  const [head = "", data = ""] = dataUrl.split(",");
  return { bytes: Buffer.from(data, "base64"), mimeType: head.slice("data:".length, head.indexOf(";")) };
}

/** A command that cannot be executed. Its message is shown on the phone page. */
class CommandError extends Error {
  override readonly name = "CommandError";
}

/** Creates a command for an existing phone with this body. */
function onPhone<Shape extends z.ZodRawShape>(
  shape: Shape,
  run: (phone: Phone, command: z.infer<z.ZodObject<Shape>>) => unknown,
) {
  const schema = z.object(shape);
  return (standIn: StandIn, body: unknown): void => {
    const { phone: number } = z.object({ phone: PhoneNumber }).parse(body);
    const phone = standIn.phones.find((candidate) => candidate.number === number);
    if (!phone) throw new CommandError(`There is no phone ${number}.`);
    run(phone, schema.parse(body));
  };
}

/** Finds the phone with this number or adds it. */
const phoneOf = (standIn: StandIn, number: string, name: string): Phone =>
  standIn.phones.find((candidate) => candidate.number === number) ??
  standIn.phone(number, name || `Phone ${number.slice(-4)}`);

/** Commands of the phone page, by name. */
export const commands: Record<string, (standIn: StandIn, body: unknown) => void> = {
  scan: (standIn, body) => {
    const {
      code,
      phone: number,
      name,
    } = z.object({ code: text, phone: PhoneNumber, name: text.default("") }).parse(body);
    standIn.scan(code, phoneOf(standIn, number, name));
  },
  enter: (standIn, body) => {
    const command = z.object({ code: text, phone: PhoneNumber, name: text.default("") }).parse(body);
    const code = command.code.replaceAll(/[^0-9a-z]/gi, "").toUpperCase();
    standIn.typeCode(code, phoneOf(standIn, command.phone, command.name));
  },
  network: (standIn, body) => {
    if (z.object({ isOnline: z.boolean() }).parse(body).isOnline) standIn.networkUp();
    else standIn.networkDown();
  },
  receive: onPhone(
    {
      ...{ from: PhoneNumber, name: text.optional(), body: text, file: DataUrl.optional() },
      /**
       * Number of downloads that fail before one succeeds. Their content is altered, not cut: a browser resumes a download that
       * breaks off after a few bytes.
       */
      failedDownloads: z.number().int().min(0).max(100).default(0),
    },
    (phone, order) => {
      phone.account.files.failNextDownloads(...Array<"altered">(order.failedDownloads).fill("altered"));
      phone.receive({
        from: order.from,
        body: order.body,
        ...(order.name && { name: order.name }),
        ...(order.file !== undefined && { media: fileOf(order.file) }),
      });
    },
  ),
  write: onPhone({ to: PhoneNumber, body: text }, (phone, order) => phone.write(order)),
  read: onPhone({ from: PhoneNumber }, (phone, { from }) => phone.readBy(from)),
  type: onPhone({ from: PhoneNumber, state: z.enum(["composing", "recording", "paused"]) }, (phone, { from, state }) =>
    phone.type(from, state),
  ),
  rename: onPhone({ from: PhoneNumber, name: text.min(1) }, (phone, { from, name }) => phone.rename(from, name)),
  picture: onPhone({ from: PhoneNumber, file: DataUrl.nullable() }, (phone, { from, file }) =>
    phone.setPicture(from, file === null ? null : fileOf(file).bytes),
  ),
  edit: onPhone({ key, body: text }, (phone, order) => phone.edit(order.key, order.body)),
  revoke: onPhone({ key }, (phone, order) => phone.revoke(order.key)),
  react: onPhone({ key, emoji: z.string().max(64) }, (phone, order) => phone.react(order.key, order.emoji)),
  unlink: onPhone({}, (phone) => phone.unlink()),
  reload: onPhone({}, (phone) => phone.reloadPages()),
};
