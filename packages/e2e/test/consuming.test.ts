import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { Company, demoOwner, newNumber, sentBy } from "../src/company.ts";

const run = promisify(execFile);
const host = "https://inbox.example.com";

/** Each command of a section's shell examples, as it stands there, with what goes before it. */
async function examplesOf(section: string): Promise<string> {
  const page = await readFile(new URL("../../../docs/consuming.md", import.meta.url), "utf8");
  const chapter = page.split(/^## /m).find((each) => each.startsWith(`${section}\n`)) ?? "";
  return [...chapter.matchAll(/```sh\n(.*?)```/gs)].map(([, code]) => code).join("");
}

/** What the examples answer, one after the other, with this host and key in place of those of the page. */
async function runExamples(code: string, { key, chat }: { key: string; chat: string }): Promise<unknown[]> {
  expect(code).toContain(host);
  expect(code).toContain("KEY=syszap_…");
  const real = code.replaceAll(host, inject("run").url).replaceAll("syszap_…", key);
  // Also a refusal fails the test, and each answer ends its line.
  const strict = `curl() { command curl --silent --show-error --fail-with-body "$@" || exit; echo; }\n${real}`;
  const { stdout } = await run("bash", ["-euc", strict], { env: { PATH: process.env.PATH, CHAT: chat } });
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

/** A customer who wrote, and a key of these scopes. */
async function prepare(company: Company, scopes: string[]) {
  await run("curl", ["--version"]).catch(() => {
    throw new Error("The examples need curl: install it (Debian: apt-get install curl).");
  });
  const session = await company.linkedSession("Loja com programa");
  const from = newNumber();
  const { data } = await company.receive(session.id, { from, name: "Ana", body: `cadê meu pedido? ${from}` });
  const made = await company.request("POST", "/v1/api-keys", { name: "ERP", scopes });
  const { secret } = made as { secret: string };
  return { session, key: secret, chat: String(data.Chat_Id) };
}

test("the examples with curl that the documentation shows do what it says", async ({ onTestFinished }) => {
  const company = await Company.signIn(demoOwner());
  onTestFinished(() => company.close());
  const { session, key, chat } = await prepare(company, ["read", "send"]);
  const examples = await examplesOf("API keys");
  const isSent = company.next(
    ({ type, data }) => type === "message_status" && data.Chat_Id === chat && data.Status === "sent",
  );
  const [chats, queued] = await runExamples(examples, { key, chat });
  expect(chats).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ id: chat })]) });
  expect(queued).toMatchObject({ chatId: chat, status: "queued", body: "Seu pedido saiu para entrega." });
  await isSent;

  // The same Idempotency-Key once more: the answer is that of the message that is there.
  const [, again] = await runExamples(examples, { key, chat });
  expect(again).toMatchObject({ id: (queued as { id: string }).id });
  expect(await sentBy(session.id)).toEqual(["Seu pedido saiu para entrega."]);

  const [ticket] = await runExamples(await examplesOf("Listening"), { key, chat });
  expect(ticket).toMatchObject({ ticket: expect.any(String), expiresAt: expect.any(String) });
});

test("an example fails with a key that lacks its scope, and says which", async ({ onTestFinished }) => {
  const company = await Company.signIn(demoOwner());
  onTestFinished(() => company.close());
  const { key, chat } = await prepare(company, ["read"]);
  const failed = runExamples(await examplesOf("API keys"), { key, chat });
  await expect(failed).rejects.toMatchObject({ stdout: expect.stringContaining("The API key lacks the scope: send.") });
});
