import type { Database } from "@syszap/database";
import type { Logger, Metrics } from "@syszap/platform";
import type { Config } from "./config.ts";
import { MailOutbox } from "./mail/mail-outbox.ts";
import { Mailer } from "./mail/mailer.ts";
import { AccountLinks } from "./people/account-links.ts";
import { PasswordResets } from "./people/password-resets.ts";

type AccountConfig = Pick<Config, "TOKEN_SIGNING_KEY" | "SMTP_URL" | "SMTP_FROM" | "PUBLIC_URL" | "ALLOWED_ORIGINS">;
interface AccountsDependencies {
  config: AccountConfig;
  database: Database;
  metrics: Metrics;
  log: Logger;
}

/** The links of accounts as configured. Also used by the command line. */
export const accountLinksOf = (config: AccountConfig): AccountLinks =>
  new AccountLinks({
    signingKeys: config.TOKEN_SIGNING_KEY,
    publicUrl: config.PUBLIC_URL ?? config.ALLOWED_ORIGINS[0] ?? "",
    sendsMail: config.SMTP_URL !== undefined,
  });

/** Starts sending e-mails if SMTP is configured. `stop` waits for links and e-mails in progress. */
export function startAccounts({ config, database, metrics, log }: AccountsDependencies) {
  const links = accountLinksOf(config);
  const resets = new PasswordResets({ database, links, log });
  const { SMTP_URL: smtpUrl, SMTP_FROM: from } = config;
  if (smtpUrl === undefined || from === undefined) {
    log.info("SMTP_URL is not set: no e-mails are sent, and links are shown to the person who asks for them");
    return { links, resets, stop: () => resets.stop() };
  }
  const mailer = new Mailer(smtpUrl, from);
  const outbox = new MailOutbox({ database, mailer, links, metrics, log });
  outbox.start();
  const stop = async () => {
    await Promise.all([resets.stop(), outbox.stop()]);
    mailer.close();
  };
  return { links, resets, stop };
}
