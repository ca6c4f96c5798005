export interface SpoolLimits {
  /** Records that are not done. */
  records: number;
  /** Size of all files together. */
  bytes: number;
  /** Facts that wait in memory to be written, and their bytes. */
  waiting: number;
  waitingBytes: number;
  /** When a file has reached this size, the next record goes into a new one. */
  segmentBytes: number;
  /** Facts that are kept in memory after they were written. The others are read from disk again. */
  inMemory: number;
}
export const spoolLimits: Omit<SpoolLimits, "bytes"> = {
  records: 100_000,
  waiting: 5_000,
  waitingBytes: 32 * 1024 * 1024,
  segmentBytes: 4 * 1024 * 1024,
  inMemory: 5_000,
};
