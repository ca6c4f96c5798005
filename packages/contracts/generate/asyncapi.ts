import { z } from "zod";
import {
  ClientFrame,
  ControlCommand,
  ControlFrame,
  Cursor,
  catalog,
  type DurableType,
  durableTypes,
  type EventType,
  eventTypes,
  jobSchemas,
  maxClientFrameBytes,
  queues,
  SessionCommand,
  Timestamp,
  webhookTestType,
} from "../src/index.ts";
import { eventExamples } from "./examples.ts";
import { type JsonObject, toSchema } from "./json-schema.ts";

const cursorSchema = toSchema(Cursor, "output", "draft-7");
const connectQuery = z.object({
  companyId: z.uuid().optional().describe("must agree with the token"),
  userId: z.uuid().optional().describe("must agree with the token"),
  ticket: z.string().optional().describe("from POST /v1/realtime/ticket; others send `Authorization: Bearer`"),
  since: Cursor.optional().describe("where the client was: what came after it follows"),
});

/** Messages by name, grouped as the channels carry them. */
const groups = {
  events: Object.fromEntries(eventTypes.map((type) => [type, eventMessage(type)])),
  controlFrames: framesOf(ControlFrame, "output"),
  clientFrames: framesOf(ClientFrame, "input"),
  jobs: Object.fromEntries(
    Object.entries(jobSchemas).map(([name, schema]) => [
      `job_${name}`,
      message(`job ${name}`, schemaOf(schema, "input")),
    ]),
  ),
  webhooks: Object.fromEntries(
    ([...durableTypes, webhookTestType] as const).map((type) => [`webhook_${type}`, webhookMessage(type)]),
  ),
  commands: { session_command: message("session command", schemaOf(SessionCommand, "output")) },
  orders: { control_order: message("control order", schemaOf(ControlCommand, "output")) },
};
type Group = keyof typeof groups;

/** What each channel carries. Braces of Redis keys are literal, which an AsyncAPI address can't say: those have none. */
const channels: Record<string, JsonObject & { groups: Group[] }> = {
  browser: {
    address: "/ws",
    title: "One WebSocket per browser",
    servers: [{ $ref: "#/servers/gateway" }],
    groups: ["events", "controlFrames", "clientFrames"],
    bindings: { ws: { method: "GET", query: schemaOf(connectQuery, "input") } },
  },
  company: {
    address: null,
    title: "Redis channel and log of a company, rt:{<companyId>}",
    description: "Behind a short header (seq, link, prev, audience, expiry) stands the finished frame.",
    servers: [{ $ref: "#/servers/redis" }],
    groups: ["events"],
  },
  commands: {
    address: null,
    title: "Redis channel cmd:{<companyId>}",
    servers: [{ $ref: "#/servers/redis" }],
    groups: ["commands"],
  },
  control: {
    address: null,
    title: "Redis channel rt:{control}",
    servers: [{ $ref: "#/servers/redis" }],
    groups: ["orders"],
  },
  webhook: {
    address: null,
    title: "Webhook: a POST to an address of the company's own",
    description:
      "Signed as the Standard Webhooks have it, in `webhook-id` (the event's id), `webhook-timestamp` and `webhook-signature`. " +
      "At least once; 2xx takes it, 410 ends all.",
    groups: ["webhooks"],
    bindings: { http: {} },
  },
  inboundMessages: {
    address: queues.inboundMessages,
    title: "BullMQ queue of what WhatsApp said",
    servers: [{ $ref: "#/servers/redis" }],
    groups: ["jobs"],
  },
};
const operations: Record<string, { action: "send" | "receive"; channel: string; groups: Group[]; summary: string }> = {
  gatewayTells: {
    action: "send",
    channel: "browser",
    groups: ["events", "controlFrames"],
    summary: "ws-gateway pushes events of the browser's company, and says where the browser stands",
  },
  gatewayHears: {
    action: "receive",
    channel: "browser",
    groups: ["clientFrames"],
    summary: `All that a browser may say, in at most ${maxClientFrameBytes} bytes`,
  },
  eventsArePublished: {
    action: "send",
    channel: "company",
    groups: ["events"],
    summary: "message-worker, whatsapp-connector and rest-api publish after their commit",
  },
  receiversAreTold: {
    action: "send",
    channel: "webhook",
    groups: ["webhooks"],
    summary: "webhook-sender posts every durable event that an endpoint asked for",
  },
  ownerIsCommanded: {
    action: "send",
    channel: "commands",
    groups: ["commands"],
    summary: "rest-api, ws-gateway and message-worker send commands to the connector that owns a session",
  },
  gatewaysAreOrdered: {
    action: "send",
    channel: "control",
    groups: ["orders"],
    summary: "rest-api has sockets closed on every gateway",
  },
  factsAreQueued: {
    action: "send",
    channel: "inboundMessages",
    groups: ["jobs"],
    summary: "whatsapp-connector hands over what WhatsApp said; message-worker processes it",
  },
};

/** AsyncAPI 3.0 of everything that is pushed, published or queued. */
export function asyncApi(): JsonObject {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "sysZap events",
      version: "1.0.0",
      description: "What browsers are told, what they may say, and what services tell each other.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: {
      gateway: { host: "localhost:3000", protocol: "ws", description: "Any gateway, behind the origin of the pages" },
      redis: { host: "localhost:6379", protocol: "redis", description: "Inside: bus and queues" },
    },
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, { groups: carried, ...channel }]) => [
        name,
        {
          ...channel,
          messages: Object.fromEntries(namesOf(carried).map((id) => [id, ref("components/messages", id)])),
        },
      ]),
    ),
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, { channel, groups: carried, ...operation }]) => [
        name,
        {
          ...operation,
          channel: ref("channels", channel),
          messages: namesOf(carried).map((id) => ref(`channels/${channel}/messages`, id)),
        },
      ]),
    ),
    components: { messages: Object.assign({}, ...Object.values(groups)) },
  };
}

const namesOf = (carried: Group[]) => carried.flatMap((group) => Object.keys(groups[group]));
const ref = (place: string, name: string) => ({ $ref: `#/${place}/${name}` });

function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonObject {
  return toSchema(schema, io, "draft-7");
}
function message(name: string, payload: JsonObject, more: JsonObject = {}): JsonObject {
  return { name, title: name, ...more, payload };
}

function eventMessage(type: EventType): JsonObject {
  const { durable, data } = catalog[type];
  const place = durable ? { seq: { type: "integer", minimum: 1 }, cursor: cursorSchema } : {};
  const version = durable ? { version: { type: "integer", minimum: 1 } } : {};
  const properties = {
    ...place,
    type: { const: type },
    id: { type: "string", format: "uuid" },
    ...version,
    data: schemaOf(data, "output"),
  };
  const summary = durable
    ? "Durable: has one place in the company's order and is delivered once."
    : "Ephemeral: has no place in the order and is dropped when stale.";
  return message(
    type,
    { type: "object", properties, required: Object.keys(properties) },
    { summary, examples: [{ name: type, payload: exampleFrame(type) }] },
  );
}

function webhookMessage(type: DurableType | typeof webhookTestType): JsonObject {
  const data = type === webhookTestType ? z.object({ timestamp: Timestamp }) : catalog[type].data;
  const properties = {
    type: { const: type },
    id: { type: "string", format: "uuid" },
    version: { type: "integer", minimum: 1 },
    data: schemaOf(data, "output"),
  };
  return message(`webhook ${type}`, { type: "object", properties, required: Object.keys(properties) });
}

function exampleFrame(type: EventType): JsonObject {
  const id = "f3b1a6de-4c0b-5d8e-9a77-2f1e0d3c4b5a";
  const frame = { type, id, data: eventExamples[type] };
  if (!catalog[type].durable) return frame;
  return { seq: 42, cursor: "42.9f86d081884c7d65", ...frame, version: 1 };
}

function framesOf(union: typeof ControlFrame | typeof ClientFrame, io: "input" | "output"): JsonObject {
  const prefix = io === "input" ? "client_" : "";
  return Object.fromEntries(
    union.options.map((option) => {
      const [type] = option.shape.type.values;
      return [`${prefix}${type}`, message(`${type}`, schemaOf(option, io))];
    }),
  );
}
