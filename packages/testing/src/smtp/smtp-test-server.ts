import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

export interface ReceivedMail {
  /** Address of the envelope. */
  to: string;
  from: string;
  messageId: string;
  subject: string;
  text: string;
  html: string;
}

export interface SmtpTestServer {
  port: number;
  /** Oldest first. */
  received: readonly ReceivedMail[];
  /** Removes and returns the oldest mail to the address; waits for one when there is none. */
  take(to: string): Promise<ReceivedMail>;
  /** Refuses every recipient with a permanent error until it is called with undefined. */
  refuse(reason: string | undefined): void;
  close(): Promise<void>;
}

/** Starts an SMTP server for tests on loopback that keeps what it receives. `port` 0: a free port. */
export async function startSmtpTestServer(port = 0): Promise<SmtpTestServer> {
  const received: ReceivedMail[] = [];
  const waiting = new Set<() => void>();
  let refusal: string | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo: (_address, _session, callback) => {
      callback(refusal === undefined ? undefined : Object.assign(new Error(refusal), { responseCode: 550 }));
    },
    onData: (stream, session, callback) => {
      const keep = async () => {
        received.push(await parseMail(await buffer(stream), session.envelope.rcptTo[0]?.address ?? ""));
        for (const check of waiting) check();
      };
      keep().then(() => callback(), callback);
    },
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    take: (to) =>
      new Promise((resolve) => {
        const check = () => {
          const index = received.findIndex((mail) => mail.to === to);
          if (index < 0) return;
          waiting.delete(check);
          resolve(received.splice(index, 1)[0] as ReceivedMail);
        };
        waiting.add(check);
        check();
      }),
    refuse: (reason) => {
      refusal = reason;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function parseMail(raw: Buffer, to: string): Promise<ReceivedMail> {
  const { from, messageId = "", subject = "", text = "", html = "" } = await PostalMime.parse(raw);
  return { to, from: `${from?.name} <${from?.address}>`, messageId, subject, text, html };
}
