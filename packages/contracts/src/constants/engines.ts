import { sendables } from "./vocabulary.ts";

export type Sendable = (typeof sendables)[number];

export interface EngineDescriptor {
  capabilities: {
    /** A phone can be linked by a code that is typed on it, not only by scanning a QR code. */
    pairingByPhoneNumber: boolean;
    /** A session can reach WhatsApp through its own proxy. */
    proxy: boolean;
    /** A session can receive and send messages of groups. */
    groups: boolean;
    /** The REST API refuses everything else, and the page does not offer it. */
    sends: readonly Sendable[];
  };
}

/** Descriptions of the engines for the REST API and the page. The connector registers an implementation for each name. */
export const engines = {
  simulator: { capabilities: { pairingByPhoneNumber: true, proxy: false, groups: true, sends: sendables } },
  wppconnect: { capabilities: { pairingByPhoneNumber: true, proxy: true, groups: true, sends: sendables } },
} as const satisfies Record<string, EngineDescriptor>;

type EngineName = keyof typeof engines;
export const engineNames = Object.keys(engines) as [EngineName, ...EngineName[]];
