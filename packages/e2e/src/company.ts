import { randomUUID } from "node:crypto";
import { LoginAnswer, type Me, OperatorLoginAnswer, Session } from "@syszap/contracts";
import pg from "pg";
import { inject } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";

/** A frame of the gateway. */
export interface Frame {
  type: string;
  data: Record<string, unknown>;
}
type FrameFilter = (frame: Frame) => boolean;

/** A WebSocket client, so that tests await events instead of polling. */
class Listener {
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  private readonly waiting = new Set<{ matches: FrameFilter; resolve: (frame: Frame) => void }>();

  private constructor(private readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("message", (bytes) => {
      const frame: Frame = JSON.parse(String(bytes));
      for (const one of this.waiting) {
        if (one.matches(frame)) {
          this.waiting.delete(one);
          one.resolve(frame);
        }
      }
    });
  }

  static async open(url: string, accessToken: string): Promise<Listener> {
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${accessToken}` } });
    const listener = new Listener(socket);
    await listener.next((frame) => frame.type === "welcome");
    return listener;
  }

  /** Resolves with the next matching frame. Call it before the action that causes the frame. */
  next(matches: FrameFilter): Promise<Frame> {
    return new Promise((resolve) => this.waiting.add({ matches, resolve }));
  }

  close(): void {
    this.socket.close();
  }
}

export interface Emitted {
  waKey: string;
  emittedAtMs: number;
}

/** A company, controlled by its owner through REST and WebSocket, and its simulated phones. */
export class Company {
  private constructor(
    readonly me: Me,
    readonly login: { email: string; password: string },
    private readonly accessToken: string,
    private readonly listener: Listener,
  ) {}

  static async signIn(login: { email: string; password: string }): Promise<Company> {
    const { url } = inject("run");
    const answer = LoginAnswer.parse(await postJson(`${url}/v1/auth/login`, login));
    const listener = await Listener.open(`${url.replace("http", "ws")}/ws`, answer.accessToken);
    return new Company(answer.me, login, answer.accessToken, listener);
  }

  /** Resolves with the next matching frame. Call it before the action that causes the frame. */
  next(matches: FrameFilter): Promise<Frame> {
    return this.listener.next(matches);
  }

  /** Resolves with the close code when the gateway closes the socket. */
  get closed(): Promise<number> {
    return this.listener.closed;
  }

  close(): void {
    this.listener.close();
  }

  /** Creates a session whose phone has scanned its QR code. */
  async linkedSession(name: string): Promise<Session> {
    const session = await this.newSession(name);
    const hasCode = this.next(({ type, data }) => type === "qr_code" && data.sessionId === session.id);
    await this.request("POST", `/v1/sessions/${session.id}/connect`, {});
    await hasCode;
    await this.link(session.id);
    return session;
  }

  async newSession(name: string): Promise<Session> {
    return Session.parse(await this.request("POST", "/v1/sessions", { name, engine: "simulator" }));
  }

  /** Makes the phone scan the QR code of its session. */
  async link(sessionId: string): Promise<void> {
    const isConnected = this.next(
      ({ type, data }) => type === "session_status" && data.sessionId === sessionId && data.status === "connected",
    );
    await commandPhone(sessionId, "scan");
    await isConnected;
  }

  /** Makes a customer write a message. Resolves with its `new_message` event. */
  async receive(sessionId: string, message: { from: string; name?: string; body: string }): Promise<Frame> {
    const isOut = this.next(({ type, data }) => type === "new_message" && data.Body === message.body);
    await commandPhone(sessionId, "message", message);
    return isOut;
  }

  async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${inject("run").url}${path}`, {
      method,
      headers: { "content-type": "application/json", authorization: `Bearer ${this.accessToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }
}

/** Messages that the session sent to the simulated phone, oldest first. */
export async function actionsOf(sessionId: string): Promise<{ waKey?: string | undefined; poll?: unknown }[]> {
  const connector = inject("run").processes["whatsapp-connector"];
  const answer = await postJson(`${connector?.url}/simulator/sessions/${sessionId}/acts`, {});
  return z.object({ acts: z.array(z.object({ waKey: z.string(), poll: z.unknown() }).partial()) }).parse(answer).acts;
}

/** Sends a command to a simulated phone through the connector's control port. */
export async function commandPhone(sessionId: string, name: string, body: object = {}): Promise<Emitted> {
  const connector = inject("run").processes["whatsapp-connector"];
  const answer = await postJson(`${connector?.url}/simulator/sessions/${sessionId}/${name}`, body);
  return z.object({ waKey: z.string(), emittedAtMs: z.number() }).partial().parse(answer) as Emitted;
}

/** Creates a group with the simulated phone and the members. Resolves with WhatsApp's id of it. */
export async function createGroup(
  sessionId: string,
  group: { subject: string; owner: string; members: string[] },
): Promise<string> {
  const connector = inject("run").processes["whatsapp-connector"];
  const answer = await postJson(`${connector?.url}/simulator/sessions/${sessionId}/create-group`, group);
  return z.object({ group: z.string() }).parse(answer).group;
}

/** The texts that the simulated phone has sent for the company, oldest first. */
export async function sentBy(sessionId: string): Promise<string[]> {
  const connector = inject("run").processes["whatsapp-connector"];
  const answer = await postJson(`${connector?.url}/simulator/sessions/${sessionId}/acts`, {});
  const { acts } = z
    .object({ acts: z.array(z.object({ kind: z.string(), body: z.string().optional() })) })
    .parse(answer);
  return acts.flatMap(({ kind, body }) => (kind === "sent" && body !== undefined ? [body] : []));
}

/** Sends a request and resolves with the JSON of its answer. */
export async function postJson(url: string, body: object, accessToken?: string): Promise<unknown> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** Inserts a new company whose owner has the demo password. */
export async function addCompany(): Promise<{ email: string; password: string }> {
  const email = `dona-${randomUUID()}@globex.syszap.dev`;
  const client = new pg.Client({ connectionString: inject("run").databaseUrl });
  await client.connect();
  await client.query(
    `with company as (insert into companies (name) values ('Globex') returning id)
     insert into users (company_id, email, name, role, password_hash, activated_at)
     select company.id, $1, 'Dona', 'owner', password_hash, now() from company, users where email = $2`,
    [email, demoOwner().email],
  );
  await client.end();
  return { email, password: demoOwner().password };
}

/** Signs in as the operator. Resolves with the access token. */
export async function signInOperator(): Promise<string> {
  const { url, operator } = inject("run");
  return OperatorLoginAnswer.parse(await postJson(`${url}/v1/operator/login`, operator)).accessToken;
}

/** A random WhatsApp number, so that tests do not share customers. */
export const newNumber = (): string => `55119${Math.floor(10_000_000 + Math.random() * 89_999_999)}`;

/** The first login of the demo company: its owner. */
export const demoOwner = (): { email: string; password: string } => demoLogin("owner");

/** A login of the demo company. */
export function demoLogin(role: "owner" | "admin" | "agent"): { email: string; password: string } {
  const login = inject("run").logins.find((each) => each.role === role);
  if (login === undefined) throw new Error(`The product has no demo login for the role ${role}.`);
  return { email: login.email, password: login.password };
}
