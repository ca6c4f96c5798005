interface EngineDescriptor {
  capabilities: {
    /** A phone can be linked by a code that is typed on it, not only by scanning a QR code. */
    pairingByPhoneNumber: boolean;
  };
}

/** Descriptions of the engines for the REST API and the page. The connector registers an implementation for each name. */
export const engines = {
  simulator: { capabilities: { pairingByPhoneNumber: true } },
  wppconnect: { capabilities: { pairingByPhoneNumber: true } },
} as const satisfies Record<string, EngineDescriptor>;

type EngineName = keyof typeof engines;
export const engineNames = Object.keys(engines) as [EngineName, ...EngineName[]];
