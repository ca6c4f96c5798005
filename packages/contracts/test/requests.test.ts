import { expect, test } from "vitest";
import {
  CreateSessionRequest,
  IdempotencyHeaders,
  maxMessageBodyLength,
  PageRequest,
  problemStatusesOf,
  problemTypes,
  type RouteDefinition,
  routes,
  SendMessageRequest,
} from "../src/index.ts";

const errorOf = (body: unknown) => SendMessageRequest.safeParse({ body }).error?.issues[0]?.message;

test("preserves every message text that WhatsApp can show", () => {
  for (const body of ["a".repeat(maxMessageBodyLength), "👨‍👩‍👧‍👦 \u202Eשלום", "linha 1\nlinha 2", " a "])
    expect(SendMessageRequest.parse({ body }).body).toBe(body);
});

test("rejects a message text that is too long, blank or cannot be stored, with the reason", () => {
  expect(errorOf("a".repeat(maxMessageBodyLength + 1))).toContain("at most 65535 characters");
  expect(errorOf("")).toBeDefined();
  expect(errorOf(" \n\t")).toBe("must not be blank");
  expect(errorOf("a\u0000b")).toContain("NUL");
  expect(errorOf("a\uD83Db")).toContain("surrogate");
});

test("trims a session name before it checks the length", () => {
  expect(CreateSessionRequest.parse({ name: "  Vendas " }).name).toBe("Vendas");
  expect(CreateSessionRequest.safeParse({ name: "   " }).success).toBe(false);
  expect(CreateSessionRequest.safeParse({ name: "a\u0000" }).success).toBe(false);
});

test("accepts page sizes from 1 to 100", () => {
  expect(PageRequest.parse({})).toEqual({ limit: 50 });
  expect(PageRequest.parse({ limit: "100" }).limit).toBe(100);
  for (const limit of ["0", "101", "1.5", "all"]) expect(PageRequest.safeParse({ limit }).success).toBe(false);
});

test("accepts an Idempotency-Key of up to 200 visible ASCII characters", () => {
  expect(IdempotencyHeaders.parse({ "idempotency-key": "a-1", accept: "*/*" })).toEqual({ "idempotency-key": "a-1" });
  for (const key of ["", "a b", "ç", "a".repeat(201)])
    expect(IdempotencyHeaders.safeParse({ "idempotency-key": key }).success).toBe(false);
});

test("every operation has its own method and path, and declares its path parameters", () => {
  const all = Object.values<RouteDefinition>(routes);
  expect(new Set(all.map(({ method, path }) => `${method} ${path}`)).size).toBe(all.length);
  for (const { path, params } of all)
    expect([...path.matchAll(/:(\w+)/g)].map(([, name]) => name)).toEqual(Object.keys(params?.shape ?? {}));
});

test("every problem status of an operation has a problem type", () => {
  const known = new Set<number>(Object.values(problemTypes).map(({ status }) => status));
  for (const route of Object.values<RouteDefinition>(routes))
    for (const status of problemStatusesOf(route)) expect(known).toContain(status);
});

test("accepts exactly one of text, file, location, reaction, edit and deletion", () => {
  const messageId = "0b9d3c7e-7f0a-4f0e-9d6a-3b1c5f2a9e10";
  const accepted = [
    { body: "oi" },
    { body: "oi", replyTo: messageId },
    { media: { id: messageId } },
    { media: { id: messageId, as: "voice" }, body: "legenda", replyTo: messageId },
    { location: { latitude: 0, longitude: 0 } },
    ...["👍", "❤️", "👩‍👩‍👧‍👦", "🇧🇷", "1️⃣", "👋🏽", ""].map((emoji) => ({ reaction: { messageId, emoji } })),
    { edit: { messageId, body: "a" } },
    { delete: { messageId } },
  ];
  for (const request of accepted)
    expect(SendMessageRequest.safeParse(request), JSON.stringify(request)).toMatchObject({ success: true });
  const rejected = [
    {},
    { replyTo: messageId },
    { media: { id: messageId }, location: { latitude: 0, longitude: 0 } },
    { body: "a", reaction: { messageId, emoji: "👍" } },
    { replyTo: messageId, edit: { messageId, body: "a" } },
    ...["ok", "👍👍", "1", " "].map((emoji) => ({ reaction: { messageId, emoji } })),
    { edit: { messageId, body: " " } },
  ];
  for (const request of rejected)
    expect(SendMessageRequest.safeParse(request).success, JSON.stringify(request)).toBe(false);
});
