import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { MessageContent, MessageStatus, SessionReason, TypingState, WhatsAppNumber } from "@syszap/contracts";
import express, { type ErrorRequestHandler, type Express } from "express";
import { z } from "zod";
import { fileKinds } from "./phone/files.ts";
import { LineLoss, type OrderedPhone } from "./simulated-phones.ts";

const waKey = z.string().min(1).max(200);
const text = z.string().max(200_000);

/** One entry per order; each parses its own body. */
const orderings: Record<string, (phone: OrderedPhone, body: unknown) => unknown> = {
  scan: (phone) => phone.scan(),
  "type-code": (phone, body) => phone.typeCode(z.object({ code: text, phoneNumber: WhatsAppNumber }).parse(body)),
  drop: (phone, body) => phone.drop(z.object({ why: LineLoss.optional() }).parse(body).why),
  restore: (phone) => phone.restore(),
  unlink: (phone) => phone.unlink(),
  crash: (phone, body) => phone.crash(z.object({ reason: SessionReason.default("engine_ended") }).parse(body).reason),
  message: (phone, body) => write(phone, MessageOrder.parse(body)),
  messages: async (phone, body) => {
    const { messages, everyMs } = MessagesOrder.parse(body);
    const startedAt = performance.now();
    for (const [at, message] of messages.entries()) {
      await delay(startedAt + at * everyMs - performance.now());
      write(phone, message);
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
    const order = z.object({ waKey, status: MessageStatus.exclude(["queued"]) }).parse(body);
    return phone.receipt(order.waKey, order.status);
  },
  edit: (phone, body) => {
    const order = z.object({ waKey, body: text }).parse(body);
    return phone.edit(order.waKey, order.body);
  },
  revoke: (phone, body) => phone.revoke(z.object({ waKey }).parse(body).waKey),
  reaction: (phone, body) => {
    const order = z.object({ waKey, emoji: z.string().max(64) }).parse(body);
    return phone.react(order.waKey, order.emoji);
  },
  acts: async (phone) => ({ acts: await phone.acts() }),
  traffic: (phone, body) =>
    phone.setTraffic(z.object({ perMinute: z.number().min(0).max(60_000) }).parse(body).perMinute),
};
const MessageOrder = z.object({
  from: WhatsAppNumber,
  name: text.optional(),
  body: text.default(""),
  image: z.boolean().default(false),
  file: z.object({ kind: z.enum(fileKinds), name: z.string().max(255).optional() }).optional(),
  content: MessageContent.optional(),
  vendorKind: z.string().min(1).max(100).optional(),
  isHistory: z.boolean().default(false),
});
/** Answered when the last was written. */
const MessagesOrder = z.object({
  messages: z.array(MessageOrder).max(1_000),
  everyMs: z.number().min(0).max(1_000),
});

function write(phone: OrderedPhone, { image, file, ...message }: z.infer<typeof MessageOrder>): unknown {
  const seed = `${message.from}-${message.body}`;
  return phone.message({ ...message, ...(image && { imageSeed: seed }), ...(file && { file: { seed, ...file } }) });
}

/** Lets tests and the demo order simulated phones about. Opened only by SIMULATOR_CONTROL, never in production. */
export function simulatorControl(phones: { find(sessionId: string): OrderedPhone | undefined }) {
  const app: Express = express().disable("x-powered-by");
  app.post("/simulator/sessions/:sessionId/:order", express.json({ limit: "1mb" }), async (req, res) => {
    const order = Object.hasOwn(orderings, req.params.order) ? orderings[req.params.order] : undefined;
    const phone = phones.find(req.params.sessionId);
    if (!order) return void res.status(404).json({ title: "No such order", status: 404 });
    if (!phone) return void res.status(404).json({ title: "No simulated phone runs for this session", status: 404 });
    res.json((await order(phone, req.body ?? {})) ?? {});
  });
  app.use((_req, res) => void res.status(404).json({ title: "Not found", status: 404 }));
  app.use(problem);
  return async (req: IncomingMessage, res: ServerResponse): Promise<boolean> => {
    if (!req.url?.startsWith("/simulator/")) return false;
    app(req, res);
    return true;
  };
}

const problem: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  const status = error instanceof z.ZodError ? 422 : ((error as { status?: number }).status ?? 500);
  const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
  res.status(status).json({ title: "The order was refused", status, detail });
};
