import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { catalog, eventTypes, type Session, sessionManagers } from "@syszap/contracts";
import { example } from "@syszap/testing";
import type { Page } from "playwright-core";
import { expect, inject } from "vitest";
import { browserTest, Inbox } from "../../src/browser-test.ts";
import { addCompany, Company, commandPhone, demoOwner, type Frame, newNumber } from "../../src/company.ts";
import { checkout } from "../../src/product.ts";

/** Publishes events that no service produces on demand, through the publisher that the services use. */
async function publish(lines: object[]): Promise<void> {
  const args = ["deploy/local/bootstrap.mjs", "publish", "--data", inject("dataDirectory")];
  const publisher = spawn(process.execPath, args, { cwd: checkout, stdio: ["pipe", "inherit", "inherit"] });
  publisher.stdin.end(lines.map((line) => JSON.stringify(line)).join("\n"));
  expect(await once(publisher, "exit")).toEqual([0, null]);
}

/** All frames that the sockets of a page receive. */
class Received {
  readonly frames: Frame[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(page: Page) {
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => {
        this.frames.push(JSON.parse(String(payload)));
        for (const check of this.waiting) check();
      });
    });
  }

  async until(isMet: (frames: readonly Frame[]) => boolean): Promise<void> {
    if (isMet(this.frames)) return;
    await new Promise<void>((resolve) => {
      const check = () => {
        if (!isMet(this.frames)) return;
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
    });
  }
}

interface Side {
  company: Company;
  session: Session;
  received: Received;
  /** Part of every text, name and title of this side, so that any leak is detected. */
  mark: string;
}

/** Causes the event types of normal use: links a phone; a customer writes, types, edits and receives an answer. */
async function produceAll({ company, session, mark }: Side): Promise<void> {
  const hasCode = company.next(({ type, data }) => type === "qr_code" && data.sessionId === session.id);
  await company.request("POST", `/v1/sessions/${session.id}/connect`, {});
  await hasCode;
  await company.link(session.id);
  const hasPairingCode = company.next(({ type }) => type === "pairing_code");
  const other = await company.newSession(`Filial ${mark}`);
  await company.request("POST", `/v1/sessions/${other.id}/connect`, { phoneNumber: newNumber() });
  await hasPairingCode;
  const from = newNumber();
  const isUpdated = company.next(({ type }) => type === "message_update");
  const isTyping = company.next(({ type }) => type === "typing");
  const body = `olá ${mark}`;
  const isOut = company.next(({ type, data }) => type === "new_message" && data.Body === body);
  const { waKey } = await commandPhone(session.id, "message", { from, name: `Cliente ${mark}`, body });
  const message = await isOut;
  const isRenamed = company.next(({ type, data }) => type === "client_update" && data.Name === `Outro ${mark}`);
  await commandPhone(session.id, "message", { from, name: `Outro ${mark}`, body: `de novo ${mark}` });
  await isRenamed;
  await commandPhone(session.id, "edit", { waKey, body: `corrigido ${mark}` });
  await isUpdated;
  await commandPhone(session.id, "typing", { from, state: "composing" });
  await isTyping;
  const isRead = company.next(({ type, data }) => type === "message_status" && data.Status === "read");
  await company.request("POST", `/v1/chats/${message.data.Chat_Id}/messages`, { body: `resposta ${mark}` });
  await isRead;
}

/** An owner never loses a chat, and gateways do not deliver `access_changed`. */
const notForOwners = new Set(["access_changed", "chat_gone"]);
const typesForOwners = eventTypes.filter((type) => !notForOwners.has(type));

const forWholeCompany = { kind: "company" };
const pacingOf = ({ company, session }: Side) => ({
  companyId: company.me.companyId,
  event: {
    type: "session_pacing",
    audience: forWholeCompany,
    data: example(catalog.session_pacing, { sessionId: session.id }),
  },
});
const presenceCheckOf = ({ company }: Side) => ({
  companyId: company.me.companyId,
  event: { type: "presence_check", audience: forWholeCompany, data: example(catalog.presence_check, {}) },
});
const webhookDisabledOf = ({ company, mark }: Side) => ({
  companyId: company.me.companyId,
  event: {
    type: "webhook_disabled",
    audience: { kind: "role", roles: [...sessionManagers] },
    data: example(catalog.webhook_disabled, { url: `https://example.com/${mark}` }),
  },
});
const announcementOf = ({ company, mark }: Side, title: string) => ({
  companyId: company.me.companyId,
  event: {
    type: "announcement",
    audience: forWholeCompany,
    data: example(catalog.announcement, { title: `${title} ${mark}` }),
  },
});

browserTest(
  "each browser receives every kind of event of its own company and nothing of another one",
  async ({ browser }) => {
    const sides: Side[] = [];
    for (const login of [demoOwner(), await addCompany()]) {
      const company = await Company.signIn(login);
      const mark = randomUUID();
      const session = await company.newSession(`Loja ${mark}`);
      const context = await browser.newContext({ locale: "pt-BR" });
      const inbox = new Inbox(await context.newPage(), context);
      const received = new Received(inbox.page);
      await inbox.logIn(login);
      sides.push({ company, session, received, mark });
    }
    await Promise.all(sides.map(produceAll));
    await publish(
      sides.flatMap((side) => [
        pacingOf(side),
        presenceCheckOf(side),
        webhookDisabledOf(side),
        announcementOf(side, "aviso"),
      ]),
    );
    // Barrier: the bus keeps the order, so a leaked event arrives before this one.
    await publish(sides.map((side) => announcementOf(side, "fim")));
    for (const { received, mark } of sides) {
      await received.until((frames) => frames.some(({ data }) => data.title === `fim ${mark}`));
      await received.until((frames) => typesForOwners.every((type) => frames.some((frame) => frame.type === type)));
    }
    for (const side of sides) {
      const text = JSON.stringify(side.received.frames);
      for (const { company, session, mark } of sides.filter((other) => other !== side)) {
        for (const foreign of [company.me.companyId, company.me.userId, session.id, mark])
          expect(text).not.toContain(foreign);
      }
      expect(text).toContain(side.mark);
    }
    for (const { company } of sides) company.close();
    for (const context of browser.contexts()) await context.close();
  },
);
