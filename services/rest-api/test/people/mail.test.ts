import { createMetrics } from "@syszap/platform";
import { type ReceivedMail, startSmtpTestServer } from "@syszap/testing/smtp";
import { expect } from "vitest";
import { MailOutbox } from "../../src/mail/mail-outbox.ts";
import { mailTexts } from "../../src/mail/mail-texts.ts";
import { Mailer } from "../../src/mail/mailer.ts";
import { AccountLinks } from "../../src/people/account-links.ts";
import { type Api, allowedOrigin, test as apiTest, newSigningKey, newUser, openApi } from "../support/api-test.ts";
import { asOwner } from "../support/as-owner.ts";
import { invite, newAddress, newPassword } from "../support/people.ts";

const from = "sysZap <inbox@example.com>";
const test = apiTest.extend<{ mailApi: Api }>({
  mailApi: async ({ database, redisUrl }, use) => {
    const api = await openApi(database, redisUrl, { sendsMail: true });
    await use(api);
    await api.close();
  },
});

/** `sendDue` is called by the test, so nothing depends on time. A failed attempt is due again at once. */
function outboxOf(api: Api, port: number, links = api.links) {
  const mailer = new Mailer(`smtp://127.0.0.1:${port}`, from);
  const log = { info: () => undefined, warn: () => undefined } as never;
  const metrics = createMetrics("rest-api");
  return new MailOutbox({ database: api.database, mailer, links, metrics, log, firstDelayMs: 0 });
}

const linkIn = ({ text }: ReceivedMail) => /https:\S+#([\w-]{43})/.exec(text)?.[1] ?? "";

test("sends an invitation in the person's language, whose link works", async ({ mailApi: api, onTestFinished }) => {
  const smtp = await startSmtpTestServer();
  onTestFinished(smtp.close);
  const owner = await newUser(api);
  const { body } = await invite(api, owner, { email: "bia@example.com", name: 'Bia <b>"Dias"</b>' });
  expect(body.invitation).toMatchObject({ mail: "queued", link: null });
  await invite(api, owner, { email: "bob@example.com", language: "en" });
  await outboxOf(api, smtp.port).sendDue();

  const mails = new Map(smtp.received.map((mail) => [mail.to, mail]));
  const [bia, bob] = [mails.get("bia@example.com"), mails.get("bob@example.com")];
  if (!bia || !bob) throw new Error("a mail is missing");
  expect(bia.from).toBe("sysZap <inbox@example.com>");
  expect(bia.text).toContain("Você foi convidado(a) para atender os clientes de Padaria São João");
  expect(bia.html).toContain("Bia &lt;b&gt;&quot;Dias&quot;&lt;/b&gt;");
  expect(bia.text).toContain(`${allowedOrigin}/invitation#`);
  expect(bia.html).toContain(`href="${allowedOrigin}/invitation#${linkIn(bia)}"`);
  expect(bob.text).toContain("You are invited to answer the customers of Padaria São João");

  const { body: list } = await api.request.get("/v1/users").set(owner.bearer).expect(200);
  const states = list.items.flatMap(({ account }: never) => (account as { invitation?: object }).invitation ?? []);
  expect(states).toMatchObject([{ mail: "sent" }, { mail: "sent" }]);
  await api.request
    .post("/v1/invitations/accept")
    .send({ token: linkIn(bia), password: newPassword })
    .expect(200);
  await outboxOf(api, smtp.port).sendDue();
  expect(smtp.received).toHaveLength(2);
});

test("sends the link of a password reset to the person, and nothing to an unknown address", async ({
  mailApi: api,
  onTestFinished,
}) => {
  const smtp = await startSmtpTestServer();
  onTestFinished(smtp.close);
  const user = await newUser(api);
  for (const email of [user.email, "unknown@example.com"]) {
    const { body } = await api.request.post("/v1/password-resets").set(newAddress()).send({ email }).expect(202);
    expect(body).toEqual({ mail: "on" });
  }
  await api.resets.stop();
  await outboxOf(api, smtp.port).sendDue();
  expect(smtp.received.map(({ to }) => to)).toEqual([user.email]);
  const [mail] = smtp.received;
  if (!mail) throw new Error("no mail");
  const confirm = { token: linkIn(mail), password: newPassword };
  await api.request.post("/v1/password-resets/confirm").send(confirm).expect(204);
});

test("tries again while the server is away, and shows the state", async ({ mailApi: api, onTestFinished }) => {
  const away = await startSmtpTestServer();
  await away.close();
  const owner = await newUser(api);
  const { body } = await invite(api, owner, { email: "bia@example.com" });
  const stateOf = async () => {
    const { body: list } = await api.request.get("/v1/users").set(owner.bearer).expect(200);
    return list.items.find(({ id }: { id: string }) => id === body.user.id).account.invitation.mail;
  };
  await outboxOf(api, away.port).sendDue();
  expect(await stateOf()).toBe("queued");
  const back = await startSmtpTestServer(away.port);
  onTestFinished(back.close);
  await outboxOf(api, back.port).sendDue();
  expect(await stateOf()).toBe("sent");
  expect(back.received).toHaveLength(1);

  back.refuse("no such mailbox");
  await api.request.post(`/v1/users/${body.user.id}/invitation`).set(owner.bearer).expect(200);
  await outboxOf(api, back.port).sendDue();
  expect(await stateOf()).toBe("failed");
  back.refuse(undefined);
  await api.request.post(`/v1/users/${body.user.id}/invitation`).set(owner.bearer).expect(200);
  await outboxOf(api, back.port).sendDue();
  expect(await stateOf()).toBe("sent");
});

test("an e-mail of a killed process is sent again, with the same id", async ({
  mailApi: api,
  database,
  onTestFinished,
}) => {
  const smtp = await startSmtpTestServer();
  onTestFinished(smtp.close);
  await invite(api, await newUser(api), { email: "bia@example.com" });
  const { accountLinks } = api.database.system;
  expect(await accountLinks.claimDue(10, 60_000)).toHaveLength(1); // the process that is killed now
  await outboxOf(api, smtp.port).sendDue();
  expect(smtp.received).toEqual([]);
  await asOwner(database.ownerUrl, "update account_links set next_attempt_at = now()"); // its claim has ended
  const again = await accountLinks.claimDue(10, 0);
  expect(again).toMatchObject([{ attempts: 2 }]);
  const outbox = outboxOf(api, smtp.port);
  await outbox.sendDue();
  await asOwner(database.ownerUrl, "update account_links set mail = 'queued', next_attempt_at = now()");
  await outbox.sendDue();
  const ids = smtp.received.map(({ messageId }) => messageId);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test("a link that was created with an earlier signing key is not sent", async ({
  mailApi: api,
  database,
  onTestFinished,
}) => {
  const smtp = await startSmtpTestServer();
  onTestFinished(smtp.close);
  await invite(api, await newUser(api), { email: "bia@example.com" });
  const signingKey = await newSigningKey();
  const links = new AccountLinks({ signingKeys: [signingKey], publicUrl: allowedOrigin, sendsMail: true });
  await outboxOf(api, smtp.port, links).sendDue();
  expect(smtp.received).toEqual([]);
  const [row] = await asOwner(database.ownerUrl, "select mail, mail_error from account_links");
  expect(row).toEqual({ mail: "failed", mail_error: expect.stringContaining("TOKEN_SIGNING_KEY changed") });
});

test("names cannot add headers, lines or markup to an e-mail", () => {
  const names = { name: "Bia\r\nBcc: x@example.com", companyName: "A\u2028<script>alert(1)</script>&" };
  for (const kind of ["invitation", "password_reset"] as const)
    for (const language of ["pt-BR", "en"] as const) {
      const { subject, text, html } = mailTexts(kind, language, { ...names, url: "https://x.example/a#b" });
      expect(subject).not.toMatch(/[\r\n]/);
      expect(text).not.toMatch(/^Bcc:/m);
      expect(html).not.toContain("<script>");
      expect(html).toContain("&lt;script&gt;");
    }
});
