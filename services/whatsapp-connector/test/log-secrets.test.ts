import { createLogger } from "@syszap/platform";
import { describe, expect } from "vitest";
import { newKey } from "./support/recorded-events.ts";
import { test as connectorTest } from "./support/test-environment.ts";
import { ana, chatOf, test as engineTest, isRenderer, shop } from "./support/wppconnect/wppconnect.ts";

const nobody = "00055555555";
const said = ["segredo da cliente", "resposta sigilosa", "legenda íntima", "texto corrigido", "extrato-da-ana.pdf"];
const linesWith = (log: string, secrets: string[]) =>
  log.split("\n").filter((line) => secrets.some((secret) => line.includes(secret)));
const timesSaid = (log: string, what: string) => log.split(what).length - 1;

describe("no code, text, name or number is logged at any level", { timeout: 120_000 }, () => {
  engineTest("by the real engine", async ({ fixture }) => {
    const { standIn } = fixture;
    const phone = standIn.phone(shop, "Loja da Ana");
    const engine = await fixture.start({ sendMs: 1_000 });
    const { events } = fixture;
    const first = await events.code();
    standIn.rotateQrs();
    const second = await events.code();
    expect(timesSaid(fixture.log, "WhatsApp issued a QR code")).toBe(2);
    standIn.scan(second.raw, phone);
    await events.state("connected");

    const received = phone.receive({ from: ana, name: "Ana Particular", body: said[0] ?? "" });
    await events.message(said[0] ?? "");
    const sent = { kind: "text" as const, waKey: newKey(), waChatId: chatOf(ana), body: said[1] ?? "" };
    await engine.send(sent);
    await events.fact("ack", ({ waKey, status }) => waKey === sent.waKey && status === "read");
    phone.receive({
      ...{ from: ana, body: said[2] ?? "" },
      media: { bytes: Buffer.from("%PDF"), mimeType: "application/pdf", fileName: said[4] ?? "" },
    });
    await events.message(said[2] ?? "");
    phone.edit(received, said[3] ?? "");
    await events.fact("edit");
    phone.revoke(received);
    await events.fact("revoke");
    phone.rename(ana, "Ana Reservada");
    await events.fact("contact", ({ name }) => name === "Ana Reservada");

    // Errors contain the id of the chat.
    await expect(engine.send({ ...sent, waKey: newKey(), waChatId: chatOf(nobody) })).rejects.toThrow();
    phone.hold();
    await expect(engine.send({ ...sent, waKey: newKey() })).rejects.toThrow();
    await fixture.kill(isRenderer);
    await events.state("failed");

    const secrets = [first.raw, second.raw, "2@", ...said, "Particular", "Reservada", "Loja da Ana", ana, shop, nobody];
    expect(fixture.log.length).toBeGreaterThan(1_000);
    expect(linesWith(fixture.log, secrets)).toEqual([]);
  });

  connectorTest("of all that a connector does with it", async ({ environment }) => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const log = createLogger({ service: "test", level: "trace", destination });
    const companyId = await environment.company();
    environment.takeJobs();
    const env = { SIMULATOR_SCAN_AFTER_MS: "0" };
    const connector = await environment.connector("a", { env, log });
    const { id } = await environment.session(companyId);
    const { event: code } = await environment.event("qr_code");
    const { queue } = await environment.chat(companyId, id, ana);
    await queue(said[1] ?? ""); // stays queued until the phone is linked
    await connector.phone(id, "scan");
    await environment.status(id, "connected");
    await connector.phone(id, "message", { from: ana, name: "Ana Particular", body: said[0] });
    await environment.job("message");
    await environment.job("ack", ({ status }) => status === "read");
    const { phoneNumber } = (await environment.find(companyId, id)) ?? {};
    await connector.stop();

    const secrets = [code.data.raw ?? "", code.data.qrCode, "2@", ...said, "Particular", ana, phoneNumber ?? ""];
    expect(secrets).not.toContain("");
    expect(lines.join("")).toContain("session claimed");
    expect(linesWith(lines.join(""), secrets)).toEqual([]);
  });
});
