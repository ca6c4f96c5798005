import { randomUUID } from "node:crypto";
import { wholeCompany } from "@syszap/contracts";
import type { PushNotice, PushRecipient } from "@syszap/database";
import { expect, test } from "vitest";
import { ordersOf } from "../src/push/orders-of.ts";

const companyId = randomUUID();
const notice = (overrides: Partial<PushNotice> = {}): PushNotice => ({
  companyId,
  chatId: randomUUID(),
  name: "Marta",
  audience: wholeCompany,
  checkId: "check",
  ...overrides,
});
const recipient = (overrides: Partial<PushRecipient> = {}): PushRecipient => ({
  companyId,
  userId: randomUUID(),
  role: "agent",
  teams: [],
  loginIds: [randomUUID()],
  ...overrides,
});
const nobody = () => false;

test("messages of one chat are one notice for each subscribed login", () => {
  const chatId = randomUUID();
  const ana = recipient({ loginIds: ["phone", "desk"] });
  const orders = ordersOf([notice({ chatId }), notice({ chatId })], [ana], nobody);
  expect(orders).toEqual([
    { companyId, loginId: "phone", chat: { id: chatId, name: "Marta" }, count: 2 },
    { companyId, loginId: "desk", chat: { id: chatId, name: "Marta" }, count: 2 },
  ]);
});

test("messages of many chats are one notice that counts them", () => {
  const notices = Array.from({ length: 40 }, () => notice());
  expect(ordersOf(notices, [recipient()], nobody)).toMatchObject([{ chat: null, count: 40 }]);
});

test("a user is notified only about chats within reach, and only of the own company", () => {
  const team = randomUUID();
  const members = [
    recipient({ userId: "member", teams: [team], loginIds: ["member"] }),
    recipient({ userId: "other", teams: [randomUUID()], loginIds: ["other"] }),
    recipient({ userId: "admin", role: "admin", loginIds: ["admin"] }),
    recipient({ companyId: randomUUID(), role: "owner", loginIds: ["stranger"] }),
  ];
  const limited = notice({ audience: { kind: "reach", teams: [team], users: [] } });
  expect(ordersOf([limited], members, nobody).map(({ loginId }) => loginId)).toEqual(["member", "admin"]);
});

test("only messages that nobody took are counted: those of a check that the user answered are left out", () => {
  const chatId = randomUUID();
  const notices = [notice({ chatId, checkId: "answered" }), notice({ chatId, checkId: "open" })];
  const orders = ordersOf(notices, [recipient()], (_, checkId) => checkId === "answered");
  expect(orders).toMatchObject([{ count: 1 }]);
});
