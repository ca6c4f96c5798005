import type { SessionReason } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import type { Inbound } from "../inbound/inbound.ts";
import type { UnknownPayloads } from "../inbound/unknown-payloads.ts";
import type { EngineOwner } from "./engine-runner.ts";
import type { GapRecovery } from "./gap/gap-recovery.ts";
import type { Linking } from "./linking.ts";
import type { Typing } from "./typing.ts";

interface SessionParts {
  linking: Linking;
  inbound: Inbound;
  unknown: UnknownPayloads;
  typing: Typing;
  gap: GapRecovery;
  log: Logger;
  isEnding(): boolean;
  mayAct(): boolean;
  /** Called at each event of the engine. */
  onEvent(): void;
  changed: EngineOwner["state"];
  failing(reason: SessionReason): void;
  gaveUp(reason: SessionReason): void;
}

/** Passes the events of a session's engines to the parts of the session. While the session ends, only facts are passed on. */
export function createEngineOwner(session: SessionParts): EngineOwner {
  const { linking, inbound, unknown, typing, gap, log } = session;
  const unlessEnding =
    <Args extends unknown[]>(handle: (...args: Args) => void) =>
    (...args: Args) => {
      session.onEvent();
      if (!session.isEnding()) handle(...args);
    };
  return {
    qr: unlessEnding((qr) => linking.qr(qr)),
    pairingCode: unlessEnding((code) => linking.pairingCode(code)),
    pairingRefused: unlessEnding(() => linking.pairingRefused()),
    // Also while the session ends: facts stay true.
    fact: (fact) => {
      session.onEvent();
      if (session.mayAct()) inbound.accept(fact);
    },
    unknownPayload: (payload) => unknown.accept(payload),
    missed: unlessEnding((sinceMs) => gap.missed(sinceMs)),
    typing: ({ waChatId, state }) => {
      session.onEvent();
      typing.fromClient(waChatId, state).catch((err: unknown) => log.debug({ err }, "typing not published"));
    },
    state: unlessEnding((detail, more) => session.changed(detail, more)),
    failing: (reason) => {
      if (!session.isEnding()) session.failing(reason);
    },
    gaveUp: (reason) => session.gaveUp(reason),
  };
}
