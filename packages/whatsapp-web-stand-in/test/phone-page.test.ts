import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type PhonePage, type StandIn, startPhonePage, startStandIn } from "../src/index.ts";
import type { FromPage, ToPage } from "../src/protocol/protocol.ts";

const shop = "5511999990000";
const ana = "5511988887777";

/** A minimal page of WhatsApp Web: sends frames and awaits frames of the server. */
function openPage(address: string) {
  const socket = new WebSocket(`wss://${address}/ws/stand-in`, { rejectUnauthorized: false });
  const received: ToPage[] = [];
  const waiting: (() => void)[] = [];
  socket.on("message", (data) => {
    received.push(JSON.parse(String(data)) as ToPage);
    for (const resolve of waiting.splice(0)) resolve();
  });
  const next = async <Kind extends ToPage["kind"]>(kind: Kind): Promise<Extract<ToPage, { kind: Kind }>> => {
    for (;;) {
      const at = received.findIndex((frame) => frame.kind === kind);
      if (at >= 0) return received.splice(at, 1)[0] as Extract<ToPage, { kind: Kind }>;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  const send = (frame: FromPage) => socket.send(JSON.stringify(frame));
  return { next, send, opened: new Promise((resolve) => socket.once("open", resolve)), close: () => socket.close() };
}

describe("the phone page", () => {
  let standIn: StandIn;
  let phonePage: PhonePage;
  let page: ReturnType<typeof openPage>;

  beforeAll(async () => {
    standIn = await startStandIn({ readMs: null });
    phonePage = await startPhonePage(standIn);
    page = openPage(standIn.address);
    await page.opened;
  });
  afterAll(async () => {
    page.close();
    await phonePage.close();
    await standIn.close();
  });
  const command = (
    name: string,
    body: object,
    headers: Record<string, string> = { "content-type": "application/json" },
  ) => fetch(`${phonePage.url}/commands/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
  /** The snapshot that the phone page shows now. */
  const snapshot = async (): Promise<string> => {
    const { body } = await fetch(`${phonePage.url}/changes`);
    const reader = body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    await reader?.cancel();
    return Buffer.from(value ?? []).toString("utf8");
  };

  test("shows the QR codes of waiting pages and links a phone by scan", async () => {
    page.send({ kind: "hello", token: null });
    const { fullCode } = await page.next("qr");
    expect(await snapshot()).toContain(JSON.stringify(fullCode));
    expect((await command("scan", { code: fullCode, phone: shop, name: "Loja" })).status).toBe(204);
    page.send({ kind: "hello", token: (await page.next("paired")).token });
    expect((await page.next("sync")).me).toMatchObject({ wid: `${shop}@c.us`, pushname: "Loja" });
    expect((await command("scan", { code: fullCode, phone: shop })).status).toBe(422);
  });

  test("writes, types, renames and changes pictures as a customer", async () => {
    await command("receive", { phone: shop, from: ana, name: "Ana", body: "oi" });
    expect((await page.next("message")).message).toMatchObject({ chat: `${ana}@c.us`, body: "oi", notifyName: "Ana" });
    await command("type", { phone: shop, from: ana, state: "composing" });
    expect(await page.next("typing")).toMatchObject({ chat: `${ana}@c.us`, state: "composing" });
    await command("picture", { phone: shop, from: ana, file: `data:image/png;base64,${btoa("picture")}` });
    const { url } = await page.next("picture");
    expect(await (await fetch(url ?? "")).text()).toBe("picture");
    await command("receive", { phone: shop, from: ana, body: "", file: `data:image/png;base64,${btoa("photo")}` });
    expect((await page.next("message")).message).toMatchObject({ type: "image", media: { size: 5 } });
    await command("rename", { phone: shop, from: ana, name: "Ana Souza" });
    expect(await snapshot()).toContain("Ana Souza");
  });

  test("shows messages that a page sends and marks them as read on command", async () => {
    const id = `true_${ana}@c.us_3EB0AA`;
    page.send({ kind: "send", id, chat: `${ana}@c.us`, type: "chat", body: "bom dia", t: 1_700_000_000 });
    await page.next("accepted");
    expect(await snapshot()).toContain("bom dia");
    await command("read", { phone: shop, from: ana });
    expect((await page.next("ack")).id).toBe(id);
    for (const { messages } of standIn.phones.map(({ account }) => account)) {
      expect(messages.find((message) => message.id === id)?.ack).toBe(3);
    }
  });

  test("unlinks all devices of a phone", async () => {
    await command("unlink", { phone: shop });
    await page.next("unpaired");
    expect(await snapshot()).toContain('"isLinked":false');
  });

  test("rejects requests of other sites, unknown commands and invalid bodies with a reason", async () => {
    expect((await command("unlink", { phone: shop }, { "content-type": "text/plain" })).status).toBe(403);
    expect((await command("constructor", {})).status).toBe(404);
    const refused = await command("receive", { phone: shop, from: "+55 11", body: "oi" });
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining("digits only")]);
    expect(await (await command("unlink", { phone: "55999999999" })).text()).toContain("There is no phone");
  });
});
