/** How the simulated phones of a process behave. Times are short in tests. */
export interface SimulatorOptions {
  /** The same seed gives the same conversation. */
  seed: string;
  /** 0: scanned only on order. */
  scanAfterMs: number;
  qrRotateMs: number;
  /** How long a code that is typed on the phone is worth something. */
  pairingCodeMs: number;
  /** Written by all customers of a phone together; 0: they keep silent and answer nobody. */
  messagesPerMinute: number;
  syncMs: number;
  /** After a message of ours was accepted. */
  receiptDelaysMs: { sent: number; delivered: number; read: number };
}

export const simulatorDefaults: SimulatorOptions = {
  seed: "syszap",
  scanAfterMs: 0,
  qrRotateMs: 20_000,
  pairingCodeMs: 180_000,
  messagesPerMinute: 0,
  syncMs: 400,
  receiptDelaysMs: { sent: 200, delivered: 600, read: 1_200 },
};
