import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { LoginAnswer, Session } from "@syszap/contracts";
import { z } from "zod";
import { password, passwordHash, request } from "../session-kills/environment/company.ts";
import { Browser } from "./browser.ts";
import type { RollingEnvironment } from "./environment.ts";

const browsersPerTenant = 2;
const customers = ["5511900000001", "5511900000002"];
const pauseMs = 25;
/** The phone has no connector while that is replaced. */
const retryMs = 50;

const Ticket = z.object({ ticket: z.string(), cursor: z.string() });
const Sent = z.object({ id: z.string() });
const Chats = z.object({ items: z.array(z.object({ id: z.string() })) });
const Emitted = z.object({ waKey: z.string() });

/** A message of a customer. Without a key: the connector stopped before it confirmed the message, so that it may not exist. */
interface WrittenMessage {
  number: string;
  body: string;
  key: string | undefined;
}

/** A company with a phone, pages and a webhook. Its requests are never repeated: each failure is one that a user would see. */
export class Tenant {
  readonly faults: string[] = [];
  readonly latenciesMs: number[] = [];
  readonly browsers: Browser[] = [];
  /** In the order of writing. */
  readonly written: WrittenMessage[] = [];
  /** Texts that the API accepted, by message id. */
  readonly sent = new Map<string, string>();
  private isWriting = false;
  private writing: Promise<unknown> = Promise.resolve();
  private texts = 0;

  private constructor(
    private readonly environment: RollingEnvironment,
    readonly companyId: string,
    private readonly accessToken: string,
    readonly sessionId: string,
  ) {}

  /** The browsers connect before the first event. */
  static async open(environment: RollingEnvironment, webhookUrl: string): Promise<Tenant> {
    const { front, servers } = environment;
    const { database } = servers;
    const { id: companyId } = await database.system.companies.create({ name: "Padaria São João" });
    const email = `${randomUUID()}@example.com`;
    const { userId } = await database.system.logins.createUser({
      companyId,
      email,
      name: "Ana",
      role: "owner",
      passwordHash,
    });
    const login = LoginAnswer.parse(await request("POST", `${front.url}/v1/auth/login`, { body: { email, password } }));
    const { accessToken } = login;
    const call = (path: string, body: object) => request("POST", `${front.url}${path}`, { body, accessToken });
    await call("/v1/webhooks", { url: webhookUrl });
    const browsers = Array.from(
      { length: browsersPerTenant },
      (_, number) =>
        new Browser(
          `browser ${number} of ${companyId}`,
          { companyId, userId, role: "owner" },
          {
            front: front.url,
            getTicket: async () => Ticket.parse(await call("/v1/realtime/ticket", {})),
          },
        ),
    );
    await Promise.all(browsers.map((browser) => browser.connect()));
    const session = Session.parse(await call("/v1/sessions", { name: "Vendas", engine: "simulator" }));
    const tenant = new Tenant(environment, companyId, accessToken, session.id);
    tenant.browsers.push(...browsers);
    await call(`/v1/sessions/${session.id}/connect`, {});
    await tenant.untilPhoneAnswers("scan", {});
    return tenant;
  }

  /** Customers write and the user reads and answers, until `stopWriting`. */
  startWriting(): void {
    this.isWriting = true;
    this.writing = Promise.all([this.writeAsCustomers(), this.actAsUser()]);
  }

  async stopWriting(): Promise<void> {
    this.isWriting = false;
    await this.writing;
  }

  private async writeAsCustomers(): Promise<void> {
    for (let count = 0; this.isWriting; count++) {
      const number = customers[count % customers.length] ?? "";
      const body = this.text("message");
      const emitted = await this.untilPhoneAnswers("message", { from: number, name: "Cliente", body });
      this.written.push({ number, body, key: emitted === undefined ? undefined : Emitted.parse(emitted).waKey });
      await delay(pauseMs);
    }
  }

  private async actAsUser(): Promise<void> {
    for (let count = 0; this.isWriting; count++) {
      const chats = Chats.safeParse(await this.timed("GET", "/v1/chats")).data?.items ?? [];
      const chat = chats[count % customers.length];
      if (chat) {
        const body = this.text("answer");
        const answer = await this.timed("POST", `/v1/chats/${chat.id}/messages`, { body });
        if (answer) this.sent.set(Sent.parse(answer).id, body);
      }
      await delay(pauseMs);
    }
  }

  private async timed(method: string, path: string, body?: object): Promise<unknown> {
    const startedAt = performance.now();
    try {
      return await request(method, `${this.environment.front.url}${path}`, {
        body,
        accessToken: this.accessToken,
        ...(body && { key: randomUUID() }),
      });
    } catch (err) {
      this.faults.push(`request: ${err instanceof Error ? `${err.message} ${err.cause ?? ""}` : String(err)}`);
      return undefined;
    } finally {
      this.latenciesMs.push(performance.now() - startedAt);
    }
  }

  /** Repeats a command until the connector has taken it. Undefined if an answer was lost, so that it may have been taken. */
  private async untilPhoneAnswers(
    command: string,
    body: { body?: string } & Record<string, unknown>,
  ): Promise<unknown> {
    for (;;) {
      try {
        const url = `${this.environment.connectorUrl}/simulator/sessions/${this.sessionId}/${command}`;
        return await request("POST", url, { body });
      } catch (err) {
        const code = err instanceof Error && (err.cause as { code?: string } | undefined)?.code;
        const wasRefused = !code || code === "ECONNREFUSED" || code === "ERR_INVALID_URL";
        if (!wasRefused && body.body !== undefined) return undefined;
        await delay(retryMs);
      }
    }
  }

  private text(kind: string): string {
    this.texts += 1;
    return `${kind} ${this.texts}`;
  }
}
