import { z } from "zod";
import {
  ClientFrame,
  ControlCommand,
  ControlFrame,
  Cursor,
  catalog,
  type DurableType,
  type EventType,
  eventTypes,
  jobSchemas,
  maxClientFrameBytes,
  queues,
  SessionCommand,
  selectableTypes,
  Timestamp,
  webhookTestType,
} from "../src/index.ts";
import { eventExamples } from "./examples.ts";
import { type JsonObject, toSchema } from "./json-schema.ts";

const cursorSchema = toSchema(Cursor, "output", "draft-7");
const connectQuery = z.object({
  companyId: z.uuid().optional().describe("must match the token"),
  userId: z.uuid().optional().describe("must match the token"),
  ticket: z.string().optional().describe("from POST /v1/realtime/ticket; not needed with `Authorization: Bearer`"),
  since: Cursor.optional().describe("last position of the client: later events follow"),
});

/** Messages by name, in the groups that channels carry. */
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
    ([...selectableTypes, webhookTestType] as const).map((type) => [`webhook_${type}`, webhookMessage(type)]),
  ),
  commands: { session_command: message("session command", schemaOf(SessionCommand, "output")) },
  controlCommands: { control_command: message("control command", schemaOf(ControlCommand, "output")) },
};
type Group = keyof typeof groups;

/** Channels of Redis have no address: AsyncAPI would read the literal braces of their names as parameters. */
const channels: Record<string, JsonObject & { groups: Group[] }> = {
  browser: {
    address: "/ws",
    title: "WebSocket of a client",
    servers: [{ $ref: "#/servers/gateway" }],
    groups: ["events", "controlFrames", "clientFrames"],
    bindings: { ws: { method: "GET", query: schemaOf(connectQuery, "input") } },
  },
  company: {
    address: null,
    title: "Redis channel and log of a company, rt:{<companyId>}",
    description: "A short header (seq, link, prev, audience, expiry) precedes the complete frame.",
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
    groups: ["controlCommands"],
  },
  webhook: {
    address: null,
    title: "Webhook: a POST request to an endpoint of the company",
    description:
      "Signed according to Standard Webhooks, in `webhook-id` (the event's id), `webhook-timestamp` and `webhook-signature`. " +
      "Delivered at least once. 2xx accepts the event; 410 disables the endpoint.",
    groups: ["webhooks"],
    bindings: { http: {} },
  },
  inboundMessages: {
    address: queues.inboundMessages,
    title: "BullMQ queue of inbound facts",
    servers: [{ $ref: "#/servers/redis" }],
    groups: ["jobs"],
  },
};
const operations: Record<string, { action: "send" | "receive"; channel: string; groups: Group[]; summary: string }> = {
  sendToClients: {
    action: "send",
    channel: "browser",
    groups: ["events", "controlFrames"],
    summary: "ws-gateway sends the events of the client's company, and control frames",
  },
  receiveFromClients: {
    action: "receive",
    channel: "browser",
    groups: ["clientFrames"],
    summary: `Frames that a client may send, of at most ${maxClientFrameBytes} bytes`,
  },
  publishEvents: {
    action: "send",
    channel: "company",
    groups: ["events"],
    summary: "message-worker, whatsapp-connector and rest-api publish events after the commit",
  },
  deliverWebhooks: {
    action: "send",
    channel: "webhook",
    groups: ["webhooks"],
    summary: "webhook-sender posts the durable events to which an endpoint subscribed",
  },
  sendSessionCommands: {
    action: "send",
    channel: "commands",
    groups: ["commands"],
    summary: "rest-api, ws-gateway and message-worker send commands to the connector that owns a session",
  },
  sendControlCommands: {
    action: "send",
    channel: "control",
    groups: ["controlCommands"],
    summary: "rest-api requests that every gateway closes certain connections",
  },
  queueFacts: {
    action: "send",
    channel: "inboundMessages",
    groups: ["jobs"],
    summary: "whatsapp-connector queues facts; message-worker processes them",
  },
};

/** AsyncAPI 3.0 document of all events, frames, commands and jobs. */
export function asyncApi(): JsonObject {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "sysZap events",
      version: "1.0.0",
      description: "Events and frames between gateway and clients, webhooks, and messages between services.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: {
      gateway: {
        host: "localhost:3000",
        protocol: "ws",
        description: "Any gateway, through the origin of the web app",
      },
      redis: { host: "localhost:6379", protocol: "redis", description: "Internal: event bus and queues" },
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
const ref = (path: string, name: string) => ({ $ref: `#/${path}/${name}` });

function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonObject {
  return toSchema(schema, io, "draft-7");
}
function message(name: string, payload: JsonObject, more: JsonObject = {}): JsonObject {
  return { name, title: name, ...more, payload };
}

function eventMessage(type: EventType): JsonObject {
  const { durable, data } = catalog[type];
  const position = durable ? { seq: { type: "integer", minimum: 1 }, cursor: cursorSchema } : {};
  const version = durable ? { version: { type: "integer", minimum: 1 } } : {};
  const properties = {
    ...position,
    type: { const: type },
    id: { type: "string", format: "uuid" },
    ...version,
    data: schemaOf(data, "output"),
  };
  const summary = durable
    ? "Durable: kept in the company's log and delivered exactly once, in order."
    : "Ephemeral: not kept in the log, dropped when stale.";
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
