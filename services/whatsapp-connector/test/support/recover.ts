import type { Engine, EngineFact, HistoryPage, HistoryRequest } from "../../src/engines/contract/engine.ts";

type Bounds = Pick<HistoryRequest, "sinceMs" | "changesFromMs">;

/** Reads every chat of an engine to its end. Returns the facts of each part, each chat newest first. */
export async function readParts(engine: Engine, bounds: Bounds): Promise<EngineFact[][]> {
  const parts: EngineFact[][] = [];
  for (const { chat, unread } of await engine.listChats()) {
    let page: HistoryPage = { facts: [], before: null, unread: unread ?? 0 };
    do {
      page = await engine.readHistory({ chat, before: page.before, unread: page.unread, ...bounds });
      parts.push(page.facts);
    } while (page.before !== null);
  }
  return parts;
}

/** Reads what an engine missed, as a session does, and passes the facts on: oldest first in each chat. */
export async function recover(engine: Engine, sinceMs: number, onFact: (fact: EngineFact) => void): Promise<void> {
  const parts = await readParts(engine, { sinceMs, changesFromMs: sinceMs - 86_400_000 });
  for (const facts of parts.toReversed()) for (const fact of facts) onFact(fact);
}
