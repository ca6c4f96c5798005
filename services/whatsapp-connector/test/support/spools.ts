import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import type { SpoolEntry, SpooledFact } from "../../src/inbound/spool/entry.ts";
import { type SpoolLimits, spoolLimits } from "../../src/inbound/spool/limits.ts";
import { Spool } from "../../src/inbound/spool/spool.ts";

const log = createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" });
const companyId = "0195b1c4-7a2e-7c3d-9e4f-5a6b7c8d9e0f";
export const sessionId = "0195b1c4-7a2e-7c3d-9e4f-5a6b7c8d9e10";

/** A message fact in the form of the spool. */
export const spooled = (
  receipt: number,
  overrides: Partial<Extract<SpooledFact["fact"], { kind: "message" }>> = {},
  origin: Partial<SpooledFact> = {},
): SpooledFact => ({
  ...{ companyId, sessionId, generation: 3, receipt, acceptedAtMs: Date.now() },
  ...origin,
  fact: {
    kind: "message",
    waKey: `KEY${receipt}`,
    waChatId: "5511912345678@c.us",
    direction: 0,
    type: "text",
    body: `mensagem ${receipt}`,
    client: { number: "5511912345678", name: "Bia" },
    timestampMs: 1_700_000_000_000 + receipt,
    isHistory: false,
    ...overrides,
  },
});

export interface OpenedSpool {
  spool: Spool;
  left: SpoolEntry[];
  torn: number;
  /** The facts that the previous process left. */
  leftFacts(): Promise<SpooledFact[]>;
}

/** Resolves when the facts of an earlier process have been read. */
export async function openSpool(directory: string, limits: Partial<SpoolLimits> = {}): Promise<OpenedSpool> {
  let isRead = () => {};
  const read = new Promise<void>((resolve) => {
    isRead = resolve;
  });
  const opened: OpenedSpool = {
    left: [],
    torn: 0,
    spool: new Spool({
      directory,
      limits: { ...spoolLimits, bytes: 64 * 1024 * 1024, ...limits },
      log,
      onRemaining: (entries) => {
        opened.left = entries;
        isRead();
      },
      onTorn: () => {
        opened.torn += 1;
      },
    }),
    leftFacts: () => Promise.all(opened.left.map((entry) => opened.spool.read(entry))),
  };
  opened.spool.start();
  await read;
  return opened;
}

export async function spoolDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "spool-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
