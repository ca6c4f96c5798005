import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type PhonePage, type StandIn, startPhonePage, startStandIn } from "../src/index.ts";
import type { FromPage, ToPage } from "../src/protocol.ts";

const shop = "5511999990000";
const ana = "5511988887777";

/** WhatsApp's page in small: what the server tells it, and what it says. */
function openPage(address: string) {
  const socket = new WebSocket(`wss://${address}/ws/stand-in`, { rejectUnauthorized: false });
  const told: ToPage[] = [];
  const waiting: (() => void)[] = [];
  socket.on("message", (data) => {
    told.push(JSON.parse(String(data)) as ToPage);
    for (const look of waiting.splice(0)) look();
  });
  const next = async <Kind extends ToPage["kind"]>(kind: Kind): Promise<Extract<ToPage, { kind: Kind }>> => {
    for (;;) {
      const at = told.findIndex((frame) => frame.kind === kind);
      if (at >= 0) return told.splice(at, 1)[0] as Extract<ToPage, { kind: Kind }>;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  const say = (frame: FromPage) => socket.send(JSON.stringify(frame));
  return { next, say, opened: new Promise((resolve) => socket.once("open", resolve)), close: () => socket.close() };
}

describe("the page on which a person is the phone", () => {
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
  const act = (name: string, body: object, headers: Record<string, string> = { "content-type": "application/json" }) =>
    fetch(`${phonePage.url}/commands/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
  /** All that is to be seen now. */
  const seen = async (): Promise<string> => {
    const { body } = await fetch(`${phonePage.url}/changes`);
    const reader = body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    await reader?.cancel();
    return Buffer.from(value ?? []).toString("utf8");
  };

  test("shows the codes that wait, and a scan links the phone", async () => {
    page.say({ kind: "hello", token: null });
    const { fullCode } = await page.next("qr");
    expect(await seen()).toContain(JSON.stringify(fullCode));
    expect((await act("scan", { code: fullCode, phone: shop, name: "Loja" })).status).toBe(204);
    page.say({ kind: "hello", token: (await page.next("paired")).token });
    expect((await page.next("sync")).me).toMatchObject({ wid: `${shop}@c.us`, pushname: "Loja" });
    expect((await act("scan", { code: fullCode, phone: shop })).status).toBe(422);
  });

  test("writes, types, renames and shows pictures as any number", async () => {
    await act("receive", { phone: shop, from: ana, name: "Ana", body: "oi" });
    expect((await page.next("message")).message).toMatchObject({ chat: `${ana}@c.us`, body: "oi", notifyName: "Ana" });
    await act("type", { phone: shop, from: ana, state: "composing" });
    expect(await page.next("typing")).toMatchObject({ chat: `${ana}@c.us`, state: "composing" });
    await act("picture", { phone: shop, from: ana, file: `data:image/png;base64,${btoa("picture")}` });
    const { url } = await page.next("picture");
    expect(await (await fetch(url ?? "")).text()).toBe("picture");
    await act("receive", { phone: shop, from: ana, body: "", file: `data:image/png;base64,${btoa("photo")}` });
    expect((await page.next("message")).message).toMatchObject({ type: "image", media: { size: 5 } });
    await act("rename", { phone: shop, from: ana, name: "Ana Souza" });
    expect(await seen()).toContain("Ana Souza");
  });

  test("shows what was sent from here, and reads it on order", async () => {
    const id = `true_${ana}@c.us_3EB0AA`;
    page.say({ kind: "send", id, chat: `${ana}@c.us`, type: "chat", body: "bom dia", t: 1_700_000_000 });
    await page.next("accepted");
    expect(await seen()).toContain("bom dia");
    await act("read", { phone: shop, from: ana });
    expect((await page.next("ack")).id).toBe(id);
    for (const { messages } of standIn.phones.map(({ book }) => book)) {
      expect(messages.find((message) => message.id === id)?.ack).toBe(3);
    }
  });

  test("takes the device off the phone", async () => {
    await act("unlink", { phone: shop });
    await page.next("unpaired");
    expect(await seen()).toContain('"isLinked":false');
  });

  test("refuses other sites, unknown orders and nonsense, and says why", async () => {
    expect((await act("unlink", { phone: shop }, { "content-type": "text/plain" })).status).toBe(403);
    expect((await act("constructor", {})).status).toBe(404);
    const refused = await act("receive", { phone: shop, from: "+55 11", body: "oi" });
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining("digits only")]);
    expect(await (await act("unlink", { phone: "55999999999" })).text()).toContain("there is no phone");
  });
});
