import { join } from "node:path";
import { expect } from "vitest";
import { browserTest, type Inbox } from "../src/browser-test.ts";
import { type Run, startProduct, stopAndRemove } from "../src/product.ts";
import { decodeQr } from "../src/qr.ts";
import { scratchFolder } from "../src/scratch.ts";

const phone = "5511987650001";
const phoneByNumber = "5511987650002";
const phoneThatIsAway = "5511987650003";
const [customer, patient] = ["5511912340001", "5511912340002"];
const aPicture =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8Dwn4EIwDiqEAAOWgL/IY2x3QAAAABJRU5ErkJggg==";

/** Sends a command to a phone of the stand-in, as the buttons of the phone page do. */
async function commandPhone(phonePageUrl: string | undefined, name: string, body: object): Promise<void> {
  const answer = await fetch(`${phonePageUrl}/commands/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The phone command ${name} failed: ${await answer.text()}`);
}

/** `run`: the product with the real engine and the stand-in for WhatsApp Web, started once for this file. */
const test = browserTest.extend<{ run: Run }>({
  run: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
    async ({}, use) => {
      const scratch = await scratchFolder();
      const args = ["--engine", "wppconnect", "--stand-in", "--no-traffic"];
      const product = await startProduct({ dataDirectory: join(scratch, "data"), args });
      await use(product.run);
      await stopAndRemove(product, scratch);
    },
    { scope: "file" },
  ],
});

async function logIn(inbox: Inbox, { url, logins: [owner] }: Run): Promise<void> {
  if (owner === undefined) throw new Error("The product has no demo login.");
  inbox.context.setDefaultTimeout(60_000);
  await inbox.logIn(owner, url);
}

/** Creates a session and opens its connection modal. */
async function connectNewSession(inbox: Inbox, name: string): Promise<void> {
  await inbox.goTo("sessions");
  await inbox.byId("session-create").click();
  await inbox.byId("session-name").fill(name);
  await inbox.byId("session-create-submit").click();
  await inbox.byId("session-card").filter({ hasText: name }).getByTestId("session-connect").click();
}

test("the real engine links a phone by QR code and syncs messages, ticks, picture and name", {
  timeout: 300_000,
}, async ({ inbox, run }) => {
  const { phonePageUrl } = run;
  const onPhone = (name: string, body: object) => commandPhone(phonePageUrl, name, { phone, ...body });

  await logIn(inbox, run);
  await connectNewSession(inbox, "Com a câmera");
  await inbox.byId("qr-image").waitFor();
  await expect
    .poll(async () => decodeQr(await inbox.byId("qr-image").screenshot()), { timeout: 60_000 })
    .toMatch(/^2@/);
  const code = decodeQr(await inbox.byId("qr-image").screenshot());
  await onPhone("scan", { code, name: "Loja" });
  await inbox.byId("qr-modal").waitFor({ state: "detached" });
  await inbox.page.getByText("WhatsApp conectado").first().waitFor();

  await inbox.goTo("messages");
  await onPhone("receive", { from: customer, name: "Marta", body: "Oi, é da loja?" });
  await onPhone("picture", { from: customer, file: aPicture });
  const chat = inbox.byId("chat-item").filter({ hasText: "Marta" });
  await chat.click();
  await inbox.message("Oi, é da loja?").waitFor();
  await inbox.byId("chat-item").filter({ hasText: "Marta" }).locator("img").waitFor();

  await inbox.byId("composer").fill("É sim! Como posso ajudar?");
  await inbox.byId("composer-send").click();
  const answer = inbox.message("É sim! Como posso ajudar?");
  await inbox.page.locator('[data-testid="message"][data-direction="1"][data-status="delivered"]').waitFor();
  await onPhone("read", { from: customer });
  await inbox.page.locator('[data-testid="message"][data-direction="1"][data-status="read"]').waitFor();
  expect(await answer.count()).toBe(1);

  await onPhone("rename", { from: customer, name: "Marta Lima" });
  await onPhone("receive", { from: customer, body: "Mudei de nome" });
  await inbox.byId("conversation-name").filter({ hasText: "Marta Lima" }).waitFor();
  await inbox.message("Mudei de nome").waitFor();
});

test("the real engine shows a file that could not be downloaded as pending and downloads it later", {
  timeout: 300_000,
}, async ({ inbox, run }) => {
  await logIn(inbox, run);
  await linkByNumber(inbox, run, { name: "Com o celular longe", number: phoneThatIsAway });
  await inbox.goTo("messages");
  // More failures than the immediate attempts; the later attempt is scheduled by the row in Postgres.
  const file = { body: "a foto do bolo", file: aPicture, failedDownloads: 3 };
  await commandPhone(run.phonePageUrl, "receive", { phone: phoneThatIsAway, from: patient, name: "Paulo", ...file });
  await inbox.byId("chat-item").filter({ hasText: "Paulo" }).click();
  const message = inbox.message("a foto do bolo");
  await message.locator('[data-testid="missing-file"][data-state="pending"]').waitFor();
  expect(await message.locator("img").count()).toBe(0);
  await message.locator("img").waitFor({ timeout: 120_000 });
  const isDrawn = () =>
    message.locator("img").evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0);
  await expect.poll(isDrawn, { timeout: 60_000 }).toBe(true);
  expect(await inbox.byId("missing-file").count()).toBe(0);
});

/** Links a phone: its owner enters the pairing code that the page shows. */
async function linkByNumber(inbox: Inbox, run: Run, { name, number }: { name: string; number: string }) {
  await connectNewSession(inbox, name);
  await inbox.byId("pairing-choose").click();
  await inbox.byId("pairing-number").fill(`+${number}`);
  await inbox.byId("pairing-ask").click();
  const code = (await inbox.byId("pairing-code").textContent()) ?? "";
  expect(code).toMatch(/^[0-9A-Z]{8}$/);
  await commandPhone(run.phonePageUrl, "enter", { phone: number, code, name });
  await inbox.byId("qr-modal").waitFor({ state: "detached" });
}

test("the real engine links a phone by its number and a pairing code", {
  timeout: 300_000,
}, async ({ inbox, run }) => {
  await logIn(inbox, run);
  await linkByNumber(inbox, run, { name: "Com o número", number: phoneByNumber });
  await inbox.page.getByText("WhatsApp conectado").first().waitFor();
  const connected = inbox.page.locator('[data-testid="session-card"][data-status="connected"]');
  await connected.filter({ hasText: "Com o número" }).waitFor();
});
