import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createLogger } from "@syszap/platform";
import { startStandIn } from "@syszap/whatsapp-web-stand-in";
import type { Page } from "puppeteer-core";
import { expect, test } from "vitest";
import { Chromium, findChromium } from "../../../src/engines/wppconnect/browser/chromium.ts";
import { attachLibrary, releaseLibrary } from "../../../src/engines/wppconnect/browser/library.ts";
import * as account from "../../../src/engines/wppconnect/page/account.ts";
import { listContacts, pictureUrl } from "../../../src/engines/wppconnect/page/contacts.ts";
import { readGroup, readName } from "../../../src/engines/wppconnect/page/groups.ts";
import { listChats, readHistory } from "../../../src/engines/wppconnect/page/history.ts";
import * as sending from "../../../src/engines/wppconnect/page/sending.ts";
import { findInGroup } from "../../../src/engines/wppconnect/page/sending-to-group.ts";
import { deadlineMs } from "../../support/recorded-events.ts";
import { knownMissing } from "../../support/wppconnect/missing-modules.ts";

const shop = "5511999990000";
const ana = "5511988887777";

test("uses exactly the tested versions of the library and wa-js", async () => {
  const here = createRequire(import.meta.url);
  const library = await realpath(here.resolve("@wppconnect-team/wppconnect"));
  /** Neither package exports its package.json. */
  const versionOf = async (require: NodeJS.Require, name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(dirname(require.resolve(name)), "../package.json"), "utf8")).version;
  expect(await versionOf(here, "@wppconnect-team/wppconnect")).toBe("2.3.3");
  expect(await versionOf(createRequire(library), "@wppconnect/wa-js")).toBe("4.6.0");
  const { dependencies } = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8"));
  expect(dependencies["@wppconnect-team/wppconnect"]).toBe("2.3.3");
});

test("finds all modules of WhatsApp except the known missing ones", { timeout: 300_000 }, async ({
  onTestFinished,
}) => {
  const standIn = await startStandIn();
  const directory = await mkdtemp(join(tmpdir(), "wppconnect-modules-"));
  const log = createLogger({ service: "test", level: "silent" });
  const executablePath = findChromium(process.env.CHROMIUM_PATH);
  const chromium = await Chromium.launch(
    { executablePath, userDataDir: join(directory, "chromium"), standIn: standIn.address },
    log,
  );
  onTestFinished(async () => {
    releaseLibrary(chromium.page);
    await chromium.close();
    await standIn.close();
    await rm(directory, { recursive: true, force: true });
  });
  const { browser, page } = chromium;
  const missing = new Set<string>();
  page.on("console", (line) => {
    const name = /^Module (\S+) was not found/.exec(line.text())?.[1];
    if (name !== undefined) missing.add(name);
  });
  const phone = standIn.phone(shop, "Loja");
  phone.receive({ from: ana, name: "Ana", body: "oi" });
  const group = phone.groups.create({ subject: "Bairro", owner: ana, members: [] });
  phone.groups.receive(group, { from: ana, body: "oi, grupo" });
  const listening = attachLibrary("modules", { browser, page }, log, {
    onQr: (raw) => standIn.codes.includes(raw) && standIn.scan(raw, phone),
    onChange: () => undefined,
  });
  // A missing module makes a call fail. The names of missing modules are checked first, since they are more helpful.
  const failure = await listening.then(() => callEverything(page, group)).catch((err: unknown) => err);
  // The library looks up many modules only after it is ready, when it wraps WhatsApp's functions one by one.
  const noLongerMissing = () => [...knownMissing].filter((name) => !missing.has(name));
  await expect
    .poll(noLongerMissing, { timeout: deadlineMs, message: "these are no longer missing: remove them from the list" })
    .toEqual([]);
  const unexpected = [...missing].filter((name) => !knownMissing.has(name));
  expect(unexpected, "the stand-in lacks these modules, see its page/modules.ts").toEqual([]);
  expect(failure).toBeUndefined();
});

/** Calls every page function once. */
async function callEverything(page: Page, group: string): Promise<void> {
  await expect
    .poll(() => page.evaluate(account.readPage), { timeout: deadlineMs })
    .toMatchObject({ mode: "MAIN", isListening: true });
  const chat = `${ana}@c.us`;
  const waKey = "3EB0AABBCCDDEEFF001122";
  await page.exposeFunction("syszapContact", () => undefined);
  await page.exposeFunction("syszapPicture", () => undefined);
  await page.exposeFunction("syszapRead", () => undefined);
  await page.evaluate(account.installHooks);
  await page.evaluate(account.watchTyping, 10);
  const messageId = `true_${chat}_${waKey}`;
  await page.evaluate(sending.sendText, { chat, body: "olá", messageId, quoted: null });
  await sendAllKinds(page, chat, messageId);
  expect(await page.evaluate(account.findAck, { chat, waKey })).toBeGreaterThan(0);
  await page.evaluate(account.setTyping, { chat, state: "composing" });
  await page.evaluate(account.markRead, chat);
  await page.evaluate(listContacts, { chats: 10, timeoutMs: 60_000 });
  await page.evaluate(pictureUrl, { id: chat, maxAgeMs: 0 });
  expect(await page.evaluate(listChats)).toMatchObject([{ chat }, { chat: group }]);
  expect(await page.evaluate(readGroup, { id: group, maxParticipants: 10 })).toMatchObject({ subject: "Bairro" });
  expect(await page.evaluate(readName, [chat])).toBe("Ana");
  const target = { refusal: null, participant: `9${shop}@lid`, message: null };
  expect(await page.evaluate(findInGroup, { chat: group, message: null })).toEqual({ chat: group, ...target });
  const bounds = { seconds: 0, changesFromSeconds: 0, unread: 0, count: 10, maxCount: 10 };
  await page.evaluate(readHistory, { chat, before: null, ...bounds });
}

async function sendAllKinds(page: Page, chat: string, first: string): Promise<void> {
  const message = { fromMe: true, waKey: first.split("_")[2] ?? "" };
  expect(await page.evaluate(sending.findTarget, { chat, message })).toMatchObject({
    refusal: null,
    message: { id: first },
  });
  const next = (last: string) => ({ chat, messageId: `${first.slice(0, -1)}${last}`, quoted: first });
  expect(await page.evaluate(sending.fileLimit, "image")).toBe(16 * 1024 * 1024);
  const token = "a file";
  await page.evaluate(sending.addPiece, { token, text: Buffer.from("%PDF-1.7").toString("base64") });
  const file = { token, as: "document", caption: "", mimeType: "application/pdf", fileName: "a.pdf", attributes: {} };
  await page.evaluate(sending.beginFile, { ...next("3"), ...file });
  expect(await page.evaluate(sending.awaitFile, { token: file.token, timeoutMs: 60_000 })).toBe("sent");
  await page.evaluate(sending.dropPieces, token);
  const attributes = { type: "location", lat: -23.5, lng: -46.6, loc: "Loja", isForwarded: true, forwardingScore: 1 };
  await page.evaluate(sending.sendAttributes, { ...next("4"), attributes });
  const card = { type: "vcard", body: "BEGIN:VCARD\nEND:VCARD", vcardFormattedName: "Ana" };
  await page.evaluate(sending.sendAttributes, { ...next("6"), attributes: card });
  await page.evaluate(sending.sendPoll, { ...next("7"), question: "?", options: ["a", "b"], mostChoices: null });
  await page.evaluate(sending.react, { id: first, emoji: "👍" });
  expect(await page.evaluate(sending.ownReaction, first)).toBe("👍");
  await page.evaluate(sending.editText, { id: first, messageId: next("5").messageId, body: "olá!" });
  const { messageId } = next("4");
  expect(await page.evaluate(sending.deleteForEveryone, { chat, id: messageId, timeoutMs: 60_000 })).toBe(true);
}
