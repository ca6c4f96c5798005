import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import {
  MessageContent,
  MessageContext,
  MessageStatus,
  Note,
  QuotedOriginal,
  SessionReason,
  TypingState,
  Username,
  WhatsAppNumber,
} from "@syszap/contracts";
import { z } from "zod";
import type { EngineControls } from "../contract/controls.ts";
import { fileKinds } from "./phone/files.ts";
import { ConnectionLoss, type RemotePhoneControl } from "./phone-control.ts";

const maxBodyBytes = 1_048_576;
const waKey = z.string().min(1).max(200);
const text = z.string().max(200_000);

const GroupId = z.string().regex(/^\d{10,40}@g\.us$/);

const Message = z.object({
  from: WhatsAppNumber,
  group: GroupId.optional(),
  name: text.optional(),
  body: text.default(""),
  image: z.boolean().default(false),
  file: z.object({ kind: z.enum(fileKinds), name: z.string().max(255).optional() }).optional(),
  content: MessageContent.optional(),
  context: MessageContext.optional(),
  quoted: QuotedOriginal.optional(),
  vendorKind: z.string().min(1).max(100).optional(),
  username: Username.optional(),
  isHistory: z.boolean().default(false),
});

const Written = Message.pick({ body: true, content: true, context: true, quoted: true }).extend({
  to: z.union([WhatsAppNumber, GroupId]),
  timestampMs: z.number().int().min(0).optional(),
});

const NewGroup = z.object({
  subject: z.string().min(1).max(500),
  owner: WhatsAppNumber,
  members: z.array(WhatsAppNumber).max(1_000).default([]),
});

const GroupChange = z.object({
  group: GroupId,
  event: Note.shape.event,
  by: WhatsAppNumber.optional(),
  members: z.array(WhatsAppNumber).max(1_000).optional(),
  text: z.string().max(1_000).optional(),
  onlyAdmins: z.boolean().optional(),
});

const Messages = z.object({
  messages: z.array(Message).max(1_000),
  everyMs: z.number().min(0).max(1_000),
});

/** One entry per command. Each parses its own body; its result is the response. */
const commands: Record<string, (phone: RemotePhoneControl, body: unknown) => unknown> = {
  scan: (phone) => phone.scan(),
  passkey: (phone, body) => phone.demandPasskey(z.object({ isDemanded: z.boolean() }).parse(body).isDemanded),
  "satisfy-passkey": (phone) => phone.satisfyPasskey(),
  "type-code": (phone, body) => phone.typeCode(z.object({ code: text, phoneNumber: WhatsAppNumber }).parse(body)),
  drop: (phone, body) => phone.drop(z.object({ why: ConnectionLoss.optional() }).parse(body).why),
  restore: (phone) => phone.restore(),
  unlink: (phone) => phone.unlink(),
  crash: (phone, body) => phone.crash(z.object({ reason: SessionReason.default("engine_ended") }).parse(body).reason),
  message: (phone, body) => writeMessage(phone, Message.parse(body)),
  /** Responds after the last message. */
  messages: async (phone, body) => {
    const { messages, everyMs } = Messages.parse(body);
    const startedAt = performance.now();
    for (const [index, message] of messages.entries()) {
      await delay(Math.max(0, startedAt + index * everyMs - performance.now()));
      writeMessage(phone, message);
    }
  },
  "lose-files": (phone, body) =>
    phone.loseFiles(z.object({ count: z.number().int().min(0).max(1_000_000) }).parse(body).count),
  rename: (phone, body) => {
    const { from, name } = z.object({ from: WhatsAppNumber, name: text }).parse(body);
    return phone.rename(from, name);
  },
  picture: (phone, body) => phone.changePicture(z.object({ from: WhatsAppNumber }).parse(body).from),
  typing: (phone, body) => {
    const { from, state } = z.object({ from: WhatsAppNumber, state: TypingState }).parse(body);
    return phone.typing(from, state);
  },
  ack: (phone, body) => {
    const ack = z.object({ waKey, status: MessageStatus.exclude(["queued"]) }).parse(body);
    return phone.receipt(ack.waKey, ack.status);
  },
  edit: (phone, body) => {
    const edit = z.object({ waKey, body: text }).parse(body);
    return phone.edit(edit.waKey, edit.body);
  },
  revoke: (phone, body) => phone.revoke(z.object({ waKey }).parse(body).waKey),
  reaction: (phone, body) => {
    const reaction = z.object({ waKey, emoji: z.string().max(64), by: WhatsAppNumber.optional() }).parse(body);
    return phone.react(reaction.waKey, reaction.emoji, reaction.by);
  },
  move: (phone, body) => {
    const move = z
      .object({ waKey, latitude: z.number(), longitude: z.number(), hasEnded: z.boolean().optional() })
      .parse(body);
    return phone.move(move.waKey, move);
  },
  vote: (phone, body) => {
    const options = z.array(z.string().max(1_000)).max(50);
    const vote = z.object({ waKey, options, by: WhatsAppNumber.optional() }).parse(body);
    return phone.vote(vote.waKey, vote.options, vote.by);
  },
  write: (phone, body) => phone.write(Written.parse(body)),
  "create-group": async (phone, body) => ({ group: await phone.createGroup(NewGroup.parse(body)) }),
  "change-group": (phone, body) => {
    const { group, ...change } = GroupChange.parse(body);
    return phone.changeGroup(group, change);
  },
  acts: async (phone) => ({ acts: await phone.actions() }),
  traffic: (phone, body) =>
    phone.setTraffic(z.object({ perMinute: z.number().min(0).max(60_000) }).parse(body).perMinute),
};

function writeMessage(phone: RemotePhoneControl, { image, file, ...message }: z.infer<typeof Message>): unknown {
  const sent = file ?? (image ? { kind: "image" as const } : undefined);
  return phone.message({ ...message, ...(sent && { file: { seed: `${message.from}-${message.body}`, ...sent } }) });
}

class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail = title,
  ) {
    super(detail);
  }
}

/**
 * Handles `POST /simulator/sessions/{id}/{command}`, with which tests and the demo control simulated phones. Returns false
 * for other paths. Served only if SIMULATOR_CONTROL is set, which production refuses.
 */
export function simulatorControl(controls: EngineControls) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<boolean> => {
    const { pathname } = new URL(req.url ?? "/", "http://localhost");
    if (!pathname.startsWith("/simulator/")) return false;
    try {
      const command = findCommand(controls, req.method, pathname);
      respond(res, 200, (await command(await readBody(req))) ?? {});
    } catch (error) {
      const { status, title, message } = asHttpError(error);
      respond(res, status, { title, status, detail: message });
    }
    return true;
  };
}

function findCommand(controls: EngineControls, method: string | undefined, path: string): (body: unknown) => unknown {
  const [, sessionId = "", name = ""] = /^\/simulator\/sessions\/([^/]+)\/([^/]+)\/?$/.exec(path) ?? [];
  if (method !== "POST" || name === "") throw new HttpError(404, "Not found");
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new HttpError(404, "No such command");
  // Only the simulator adds a control.
  const phone = controls.find(sessionId) as RemotePhoneControl | undefined;
  if (!phone) throw new HttpError(404, "No simulated phone runs for this session");
  return (body) => command(phone, body);
}

async function readBody(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw new HttpError(413, "The body is too large");
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw new HttpError(400, "The body is not valid JSON", String(error));
  }
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof z.ZodError) return new HttpError(422, "The command was refused", z.prettifyError(error));
  return new HttpError(500, "The command failed", String(error));
}

function respond(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}
