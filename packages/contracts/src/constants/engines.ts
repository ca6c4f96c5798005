interface EngineDescriptor {
  capabilities: {
    /** A phone can be linked by a code that is typed on it, not only by scanning a QR code. */
    pairingByPhoneNumber: boolean;
    /** A session can reach WhatsApp through its own proxy. */
    proxy: boolean;
  };
}

/** Descriptions of the engines for the REST API and the page. The connector registers an implementation for each name. */
export const engines = {
  simulator: { capabilities: { pairingByPhoneNumber: true, proxy: false } },
  wppconnect: { capabilities: { pairingByPhoneNumber: true, proxy: true } },
} as const satisfies Record<string, EngineDescriptor>;

type EngineName = keyof typeof engines;
export const engineNames = Object.keys(engines) as [EngineName, ...EngineName[]];
