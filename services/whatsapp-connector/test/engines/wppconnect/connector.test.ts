import { startStandIn } from "@syszap/whatsapp-web-stand-in";
import jsQRModule from "jsqr";
import { PNG } from "pngjs";
import { expect } from "vitest";
import { deadlineMs } from "../../support/recorded-events.ts";
import { test } from "../../support/test-environment.ts";

// The types declare a default export, but the CommonJS module is a wrapper of the function.
const jsQR = jsQRModule as unknown as (pixels: Uint8ClampedArray, width: number, height: number) => { data: string };
const textOf = (dataUrl: string) => {
  const png = PNG.sync.read(Buffer.from(dataUrl.slice(dataUrl.indexOf(",") + 1), "base64"));
  return jsQR(new Uint8ClampedArray(png.data), png.width, png.height).data;
};

const ana = "5511988887777";

test("links a session with a real browser by the displayed QR code, and transfers messages both ways", {
  timeout: 300_000,
}, async ({ environment, onTestFinished }) => {
  const standIn = await startStandIn();
  onTestFinished(() => standIn.close());
  const phone = standIn.phone("5511999990000", "Padaria");
  const companyId = await environment.company();
  environment.takeJobs();
  await environment.connector("a", { env: { WHATSAPP_WEB_STAND_IN: standIn.address } });
  const session = await environment.db.withCompany(companyId, ({ sessions }) =>
    sessions.create({ name: "Vendas", engine: "wppconnect" }),
  );
  const nextEvent = (type: string, detail?: string) =>
    environment.events.next(
      ({ event }) => event.type === type && (event.data as { detail?: string }).detail === detail,
      deadlineMs,
    );

  const { queue } = await environment.chat(companyId, session.id, ana);
  const sent = phone.next("sent");
  await queue("já vai"); // sent after the link

  await environment.want(session, companyId, "running");
  const { event } = await nextEvent("qr_code");
  standIn.scan(textOf((event.data as { qrCode: string }).qrCode), phone);
  await nextEvent("session_status", "connected");
  expect(await environment.find(companyId, session.id)).toMatchObject({ phoneNumber: "5511999990000" });

  phone.setPicture(ana, Buffer.from("picture"));
  phone.receive({
    from: ana,
    name: "Ana",
    body: "o pedido",
    media: { bytes: Buffer.from("pdf"), mimeType: "application/pdf" },
  });
  const { data: message } = await environment.job("message", ({ body }) => body === "o pedido");
  expect(message).toMatchObject({ kind: "document", client: { number: ana, name: "Ana" }, media: { size: 3 } });

  expect(await sent).toMatchObject({ to: ana, body: "já vai" });
  await environment.job("ack", ({ status }) => status === "read");

  phone.unlink();
  await nextEvent("session_status", "logged_out");
});
