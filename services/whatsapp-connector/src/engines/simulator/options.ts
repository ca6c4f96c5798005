/** Behaviour of the simulated phones of a process. Tests use short times. */
export interface SimulatorOptions {
  /** The same seed gives the same conversations in a session. */
  seed: string;
  /** 0: the QR code is scanned only by command. */
  scanAfterMs: number;
  qrRotateMs: number;
  /** Validity of a pairing code. */
  pairingCodeMs: number;
  /** Messages of all customers of a phone together. 0: customers neither write nor answer. */
  messagesPerMinute: number;
  syncMs: number;
  /** Delays of the receipts, from the moment WhatsApp accepted the message. */
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
