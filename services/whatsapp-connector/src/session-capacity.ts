import { totalmem } from "node:os";

const mebibyte = 1024 * 1024;
/** Memory of the connector's own process, of starting engines and of temporary files. */
const reservedBytes = 512 * mebibyte;
/** One session with its browser. Measured: 308 to 558 MB (docs/whatsapp-engine.md). */
const sessionBytes = 560 * mebibyte;
const maxUsualSessions = 20;

/** The default of MAX_SESSIONS: as many sessions as fit into the memory of the container or machine, from 1 to 20. */
export function sessionsThatFit(memoryBytes = availableMemory()): number {
  const fitting = Math.floor((memoryBytes - reservedBytes) / sessionBytes);
  return Math.min(Math.max(fitting, 1), maxUsualSessions);
}

/** `constrainedMemory` returns the limit of the container. Without one, it returns 0, undefined or a huge number. */
const availableMemory = () => Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
