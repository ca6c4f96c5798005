import { z } from "zod";
import type { Phone } from "../phone.ts";
import type { StandIn } from "../stand-in.ts";

const PhoneNumber = z.string().regex(/^\d{5,15}$/, "digits only, with country code");
const key = z.string().min(1).max(100);
const text = z.string().max(200_000);
const DataUrl = z.string().regex(/^data:[^;,]+;base64,/, "a data URL");

function fileOf(dataUrl: string): { bytes: Uint8Array; mimeType: string } {
  const [head = "", data = ""] = dataUrl.split(",");
  return { bytes: Buffer.from(data, "base64"), mimeType: head.slice("data:".length, head.indexOf(";")) };
}

/** What is wrong with an order, for the person who gave it. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
}

/** An order to one phone: each parses its own body. */
function onPhone<Shape extends z.ZodRawShape>(
  shape: Shape,
  run: (phone: Phone, order: z.infer<z.ZodObject<Shape>>) => unknown,
) {
  const schema = z.object(shape);
  return (standIn: StandIn, body: unknown): void => {
    const { phone: number } = z.object({ phone: PhoneNumber }).parse(body);
    const phone = standIn.phones.find((candidate) => candidate.number === number);
    if (!phone) throw new RefusedError(`there is no phone ${number}`);
    run(phone, schema.parse(body));
  };
}

/** A number that nobody had yet is a new phone. */
const phoneOf = (standIn: StandIn, number: string, name: string): Phone =>
  standIn.phones.find((candidate) => candidate.number === number) ??
  standIn.phone(number, name || `Phone ${number.slice(-4)}`);

/** All that one can do on the phone page, by name. */
export const acts: Record<string, (standIn: StandIn, body: unknown) => void> = {
  scan: (standIn, body) => {
    const {
      code,
      phone: number,
      name,
    } = z.object({ code: text, phone: PhoneNumber, name: text.default("") }).parse(body);
    standIn.scan(code, phoneOf(standIn, number, name));
  },
  enter: (standIn, body) => {
    const order = z.object({ code: text, phone: PhoneNumber, name: text.default("") }).parse(body);
    const code = order.code.replaceAll(/[^0-9a-z]/gi, "").toUpperCase();
    standIn.typeCode(code, phoneOf(standIn, order.phone, order.name));
  },
  network: (standIn, body) => {
    if (z.object({ isOnline: z.boolean() }).parse(body).isOnline) standIn.networkUp();
    else standIn.networkDown();
  },
  receive: onPhone(
    {
      ...{ from: PhoneNumber, name: text.optional(), body: text, file: DataUrl.optional() },
      /** So many downloads go wrong before one is whole. A browser itself tries again when few bytes broke off, so they are altered. */
      spoiltDownloads: z.number().int().min(0).max(100).default(0),
    },
    (phone, order) => {
      phone.book.files.spoilNext(...Array<"altered">(order.spoiltDownloads).fill("altered"));
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
