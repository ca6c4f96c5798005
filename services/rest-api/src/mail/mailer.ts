import { createTransport } from "nodemailer";

export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** The same for each attempt to send this mail, so that programs can drop duplicates. */
  messageId: string;
}
/** The server refused the mail and will refuse it again. */
export class MailRefusedError extends Error {
  override readonly name = "MailRefusedError";
}

/** All steps of one attempt end within about half a minute. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 };

/** Sends e-mails over SMTP. Uses STARTTLS when the server offers it. */
export class Mailer {
  private readonly transport;

  constructor(
    smtpUrl: string,
    private readonly from: string,
  ) {
    const { protocol, hostname, port, username, password } = new URL(smtpUrl);
    const secure = protocol === "smtps:";
    this.transport = createTransport({
      host: hostname,
      port: Number(port || (secure ? 465 : 587)),
      secure,
      ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
      ...timeouts,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /** Rejects with `MailRefusedError` when another attempt cannot succeed. */
  async send(mail: Mail): Promise<void> {
    try {
      await this.transport.sendMail({ ...mail, from: this.from });
    } catch (err) {
      const { responseCode, code } = err as { responseCode?: number; code?: string };
      // A wrong password of the platform is repaired by an operator, so it is tried again.
      const isRefused = responseCode !== undefined && responseCode >= 500 && code !== "EAUTH";
      throw isRefused ? new MailRefusedError(String(err), { cause: err }) : err;
    }
  }

  close(): void {
    this.transport.close();
  }
}
