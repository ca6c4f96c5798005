import { Agent, request } from "node:http";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import type { ClientIdentity } from "./commands.ts";

/** As many as a browser opens to one server. */
const maxSockets = 6;
const serverError = 500;

/** Totals of all clients. */
export class Traffic {
  requests = 0;
  failures = 0;
  private endedBytes = 0;
  private readonly sockets = new Set<Socket>();

  get bytes(): number {
    let sum = this.endedBytes;
    for (const socket of this.sockets) sum += bytesOf(socket);
    return sum;
  }

  /** Counts what the socket carries until it closes. */
  count(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.once("close", () => {
      this.sockets.delete(socket);
      this.endedBytes += bytesOf(socket);
    });
    return socket;
  }
}

const bytesOf = (socket: Socket) => socket.bytesRead + socket.bytesWritten;

/** The HTTP connections of one client, kept alive as in a browser. */
export class RestClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets });

  constructor(
    private readonly identity: ClientIdentity,
    private readonly traffic: Traffic,
  ) {
    this.agent.createConnection = (options) => traffic.count(connect(options as NetConnectOpts));
  }

  /** Resolves with the parsed body; undefined for an answer without data, such as 404, and for a failure, which is counted. */
  call(method: "GET" | "POST", path: string): Promise<unknown> {
    const { traffic, agent } = this;
    const { restUrl, accessToken, origin } = this.identity;
    traffic.requests += 1;
    return new Promise((resolve) => {
      const fail = () => {
        traffic.failures += 1;
        resolve(undefined);
      };
      const headers = { authorization: `Bearer ${accessToken}`, origin };
      const sent = request(`${restUrl}${path}`, { agent, method, headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.once("error", fail);
        answer.once("end", () => {
          if ((answer.statusCode ?? serverError) >= serverError) fail();
          else resolve(answer.statusCode === 200 ? JSON.parse(Buffer.concat(parts).toString()) : undefined);
        });
      });
      sent.once("error", fail);
      sent.end();
    });
  }
}
