import type { ConnectorLoad, SessionMove } from "@syszap/database";

/** Sessions start again when they move, so small differences are left. */
const minDifferenceRatio = 0.2;
/** The rest is moved by another call, after these sessions have started. */
const maxMoves = 50;

interface Load {
  id: string;
  memoryBytes: number;
  room: number;
  sessions: { sessionId: string; memoryBytes: number }[];
}

/**
 * Plans the moves that make the memory of the connectors' sessions about equal: from the connector with the most memory to the one
 * with the least, as long as this reduces the larger of both. Only connectors that are alive and active take part.
 */
export function planMoves(connectors: readonly ConnectorLoad[]): SessionMove[] {
  const loads: Load[] = connectors
    .filter(({ isAlive, state }) => isAlive && state === "active")
    .map(({ id, maxSessions, sessions }) => ({
      id,
      memoryBytes: sessions.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      room: maxSessions - sessions.length,
      sessions: [...sessions],
    }));
  const moves: SessionMove[] = [];
  while (moves.length < maxMoves) {
    const move = nextMove(loads);
    if (!move) break;
    moves.push(move);
  }
  return moves;
}

/** Returns the best next move and applies it to `loads`. */
function nextMove(loads: Load[]): SessionMove | undefined {
  const from = maxBy(loads, ({ memoryBytes }) => memoryBytes);
  const to = maxBy(
    loads.filter((load) => load !== from && load.room > 0),
    ({ memoryBytes }) => -memoryBytes,
  );
  if (!from || !to) return undefined;
  const difference = from.memoryBytes - to.memoryBytes;
  if (difference <= from.memoryBytes * minDifferenceRatio) return undefined;
  // The largest session that leaves the source above the target moves the most memory without swapping their roles.
  const session = maxBy(
    from.sessions.filter(({ memoryBytes }) => memoryBytes > 0 && memoryBytes <= difference / 2),
    ({ memoryBytes }) => memoryBytes,
  );
  if (!session) return undefined;
  from.sessions = from.sessions.filter((other) => other !== session);
  from.memoryBytes -= session.memoryBytes;
  from.room += 1;
  to.sessions.push(session);
  to.memoryBytes += session.memoryBytes;
  to.room -= 1;
  return { sessionId: session.sessionId, from: from.id, to: to.id };
}

function maxBy<Item>(items: readonly Item[], measure: (item: Item) => number): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, item) => (best === undefined || measure(item) > measure(best) ? item : best),
    undefined,
  );
}
