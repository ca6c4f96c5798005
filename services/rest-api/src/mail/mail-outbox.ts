import type { Database, DueMail } from "@syszap/database";
import type { Logger, Metrics } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";
import type { AccountLinks } from "../people/account-links.ts";
import { mailTexts } from "./mail-texts.ts";
import { type Mailer, MailRefusedError } from "./mailer.ts";

interface OutboxDependencies {
  database: Database;
  mailer: Pick<Mailer, "send">;
  links: AccountLinks;
  metrics: Metrics;
  log: Logger;
  everyMs?: number;
  firstDelayMs?: number;
}

const defaultEveryMs = 2_000;
const batchSize = 10;
/** Longer than all attempts of a batch, which run concurrently. */
const leaseMs = 120_000;
const defaultFirstDelayMs = 10_000;
const maxDelayMs = 15 * 60_000;
/** With the delays above about twelve hours. A link that expires earlier ends the attempts. */
const maxAttempts = 50;

/**
 * Sends the e-mails of account links. The rows of the links are the outbox, so every process may be killed at any time: its
 * e-mails are due again when the claim ends. An e-mail may then arrive twice, with the same Message-ID. Decision 046.
 */
export class MailOutbox {
  private readonly task: PeriodicTask;
  private readonly sent;

  constructor(private readonly dependencies: OutboxDependencies) {
    const { log, metrics, everyMs = defaultEveryMs } = dependencies;
    this.sent = metrics.counter("mails_total", "E-mails by outcome of the attempt", ["outcome"]);
    this.task = new PeriodicTask({
      everyMs,
      run: () => this.sendDue(),
      onError: (err) => log.warn({ err }, "could not read the e-mails that are due; the next round tries again"),
    });
  }

  start(): void {
    this.task.start();
  }

  /** Resolves when the current attempts have ended. */
  stop(): Promise<void> {
    return this.task.stop();
  }

  /** Tries all e-mails that are due, once. */
  async sendDue(): Promise<void> {
    const { accountLinks } = this.dependencies.database.system;
    for (;;) {
      const due = await accountLinks.claimDue(batchSize, leaseMs);
      await Promise.all(due.map((mail) => this.attempt(mail)));
      if (due.length < batchSize) return;
    }
  }

  private async attempt(mail: DueMail): Promise<void> {
    const { database, log } = this.dependencies;
    const { accountLinks } = database.system;
    const id = { companyId: mail.companyId, linkId: mail.id };
    try {
      await this.send(mail);
    } catch (err) {
      const isFinal = err instanceof MailRefusedError || mail.attempts >= maxAttempts;
      this.sent.inc({ outcome: isFinal ? "failed" : "retried" });
      log.warn(
        { err, ...id, attempts: mail.attempts },
        isFinal ? "an e-mail failed for good" : "an e-mail will be tried again",
      );
      await accountLinks.noteFailure(mail, String(err), isFinal ? undefined : this.delayAfter(mail.attempts));
      return;
    }
    this.sent.inc({ outcome: "sent" });
    log.info({ ...id, kind: mail.kind }, "e-mail sent");
    await accountLinks.noteSent(mail);
  }

  private async send(mail: DueMail): Promise<void> {
    const { mailer, links } = this.dependencies;
    const { id, kind, language, name, companyName, email } = mail;
    const url = links.urlOf(kind, mail);
    if (url === undefined)
      throw new MailRefusedError("TOKEN_SIGNING_KEY changed since the link was created: create a new link");
    const { hostname } = new URL(url);
    await mailer.send({
      to: email,
      messageId: `<${id}@${hostname}>`,
      ...mailTexts(kind, language, { name, companyName, url }),
    });
  }

  private delayAfter(attempts: number): number {
    const { firstDelayMs = defaultFirstDelayMs } = this.dependencies;
    return Math.min(firstDelayMs * 2 ** (attempts - 1), maxDelayMs);
  }
}
