import type { Endpoint, WireProtocol } from "./commands.ts";
import { clientFrame, type OnFrame, opcodes } from "./frame-reader.ts";
import { openRawSocket } from "./raw-socket.ts";
import type { ReceivedEvents } from "./received-events.ts";

export interface PoolClient {
  readonly isOpen: boolean;
}
interface ClientOptions {
  wireProtocol: WireProtocol;
  /** Number of text frames that the gateway sends before the first event. */
  greetings: number;
  received: ReceivedEvents;
}

/** Shorter text frames are control messages of the gateway. */
const shortestEvent = 200;
const [resync, notRecovered] = [Buffer.from('{"type":"resync"'), Buffer.from('"recovered":false')];
/** Index of the first letter of the type. */
const typeAt = resync.indexOf("resync");
const [enginePing, enginePong, joinNamespace] = ["2", Buffer.from("3"), Buffer.from("40")];

/** Resolves after the gateway's greeting. From then on the client receives every event. */
export function connectClient(endpoint: Endpoint, options: ClientOptions): Promise<PoolClient> {
  return new Promise((resolve, reject) => {
    const client = { isOpen: true };
    const socket = openRawSocket(endpoint, {
      opened: () => {
        if (options.greetings === 0) resolve(client);
      },
      frame: frameTaker(endpoint, options, { write: (frame) => socket.write(frame), ready: () => resolve(client) }),
      closed: (reason) => {
        client.isOpen = false;
        reject(new Error(reason));
      },
    });
  });
}

function frameTaker(
  endpoint: Endpoint,
  { wireProtocol, greetings, received }: ClientOptions,
  self: { write: (frame: Buffer) => void; ready: () => void },
): OnFrame {
  let awaited = greetings;
  const isResuming = endpoint.path.includes("since=");
  return (opcode, bytes, from, to) => {
    if (opcode !== opcodes.text) return;
    if (awaited > 0) {
      // Between its two greetings, Socket.IO waits for the client to join the namespace.
      if (wireProtocol === "engine.io" && awaited === greetings) self.write(clientFrame(opcodes.text, joinNamespace));
      if (isResuming && bytes.subarray(from, to).includes(notRecovered)) received.notRecovered += 1;
      awaited -= 1;
      if (awaited === 0) self.ready();
    } else if (isResync(bytes, from, to)) received.resyncs += 1;
    else if (to - from >= shortestEvent) received.take(endpoint.group, bytes, from, to);
    else if (wireProtocol === "engine.io" && bytes.toString("latin1", from, to) === enginePing)
      self.write(clientFrame(opcodes.text, enginePong));
  };
}

/** Compares one byte first, because the other frames are events and there are many. */
function isResync(bytes: Buffer, from: number, to: number): boolean {
  if (bytes[from + typeAt] !== resync[typeAt]) return false;
  return bytes.compare(resync, 0, resync.length, from, Math.min(to, from + resync.length)) === 0;
}
