/** Network faults of a proxied connection. They may change while the connection is open. */
export interface ProxyFaults {
  /** Delay of each chunk, in both directions. Chunks stay in order. */
  delayMs: number;
  /** Throughput limit from the server to the client; 0 means unlimited. */
  bytesPerSecond: number;
  /** Nothing passes in either direction, but both ends see an open connection. */
  isSilent: boolean;
}
