import { missingMetrics } from "@syszap/testing";
import { describe, expect } from "vitest";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { test } from "../support/test-environment.ts";

describe("session health", () => {
  test("is stored with the renewals and reported in the metrics: owner, restarts, last event and history", async ({
    environment,
  }) => {
    const companyId = await environment.company();
    const startedAtMs = Date.now();
    const engine = new ScriptedEngine();
    const times = { manager: { renewEveryMs: 30 }, session: { restart: { firstMs: 1, maxMs: 5 } } };
    const connector = await environment.connector("a", { ...scripted(engine), times });
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    engine.emit().state("failed", { reason: "browser_ended" });
    await environment.status(id, "reconnecting");
    await environment.status(id, "connected");

    const details = () => environment.db.withCompany(companyId, ({ sessions }) => sessions.findDetails(id));
    await expect.poll(details).toMatchObject({ owner: "a", generation: 1, restarts: 1, memoryBytes: null });
    const { lastEventAt, history } = (await details()) ?? {};
    expect(Date.parse(lastEventAt ?? "")).toBeGreaterThanOrEqual(startedAtMs);
    expect(history?.map(({ detail, reason }) => [detail, reason])).toEqual([
      ["connected", null],
      ["reconnecting", "browser_ended"],
      ["connected", null],
      ["starting", null],
    ]);

    const metrics = await (await fetch(`http://127.0.0.1:${connector.port}/metrics`)).text();
    expect(missingMetrics("whatsapp-connector", metrics)).toEqual([]);
    expect(metrics).not.toContain(id);
    expect(metrics).not.toContain(companyId);
    expect(metrics).toMatch(/connector_sessions\{detail="connected",.*\} 1/);
    expect(metrics).toMatch(/connector_session_restarts\{[^}]*\} 1/);
    expect(metrics).toMatch(/connector_session_last_event_age_seconds\{[^}]*\} \d/);
  });
});
