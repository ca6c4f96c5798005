import type { Connection } from "../src/connection/connection.ts";

/** A connection without a socket, for tests that observe writes and pings. */
export const connectionOf = (overrides: Partial<Connection>): Connection =>
  ({
    isOpen: true,
    startsAfter: 0,
    joinedAfter: 0,
    countedBytes: 0,
    unsentBytes: 0,
    wheelSlot: -1,
    pingDueAt: 0,
    lastActivityAt: Date.now(),
    identity: { expiresAt: Number.MAX_SAFE_INTEGER },
    mayRead: () => true,
    ...overrides,
  }) as Connection;
