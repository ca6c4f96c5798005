import { expect } from "vitest";
import { test } from "../support/test-environment.ts";

const unscanned = { env: { SIMULATOR_SCAN_AFTER_MS: "0" } };

test("publishes a demanded passkey, withdraws the code, and continues when a user tries again", async ({
  environment,
}) => {
  const companyId = await environment.company();
  const connector = await environment.connector("a", unscanned);
  const { id: sessionId } = await environment.session(companyId);
  const { event } = await environment.event("qr_code");
  await connector.phone(sessionId, "passkey", { isDemanded: true });
  await connector.phone(sessionId, "scan");
  const told = await environment.event("session_status", ({ data }) => data.detail === "action_required");
  expect(told.event.data).toMatchObject({ status: "disconnected", reason: "passkey_required" });
  expect(await environment.publisher.currentLinkCode(companyId, "qr_code", sessionId)).toBeUndefined();
  await environment.publisher.command(companyId, { kind: "new_qr", sessionId });
  const next = await environment.event("qr_code");
  expect(next.event.data).toMatchObject({ attempt: 1 });
  expect(next.event.data.raw).not.toBe(event.data.raw);
  await connector.phone(sessionId, "scan");
  await environment.status(sessionId, "connected");
});

test("connects if WhatsApp no longer demands the passkey", async ({ environment }) => {
  const companyId = await environment.company();
  const connector = await environment.connector("a", unscanned);
  const { id: sessionId } = await environment.session(companyId);
  await environment.event("qr_code");
  await connector.phone(sessionId, "passkey", { isDemanded: true });
  await connector.phone(sessionId, "scan");
  await environment.status(sessionId, "action_required");
  await connector.phone(sessionId, "satisfy-passkey");
  await environment.status(sessionId, "connected");
});

test("ends with the same reason if nobody tries again, until a user connects the session", async ({ environment }) => {
  const companyId = await environment.company();
  const connector = await environment.connector("a", { ...unscanned, times: { session: { passkeyMs: 100 } } });
  const session = await environment.session(companyId);
  await environment.event("qr_code");
  await connector.phone(session.id, "passkey", { isDemanded: true });
  await connector.phone(session.id, "scan");
  const row = async () =>
    (
      await environment.sql("select detail, reason, desired_state from whatsapp_sessions where id = $1", [session.id])
    )[0];
  await expect
    .poll(row, { timeout: 60_000 })
    .toEqual({ detail: "action_required", reason: "passkey_required", desired_state: "stopped" });
  await environment.want(session, companyId, "running");
  await environment.event("qr_code");
});
