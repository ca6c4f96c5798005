import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { WebSocket } from "ws";
import { Company, demoOwner, newNumber, sentBy } from "../src/company.ts";

const run = promisify(execFile);
const host = "https://inbox.example.com";

/** The shell code of all examples in a section of docs/consuming.md. */
async function examplesOf(section: string): Promise<string> {
  const page = await readFile(new URL("../../../docs/consuming.md", import.meta.url), "utf8");
  const chapter = page.split(/^## /m).find((each) => each.startsWith(`${section}\n`)) ?? "";
  return [...chapter.matchAll(/```sh\n(.*?)```/gs)].map(([, code]) => code).join("");
}

/** Runs the examples with the real host and key and returns their JSON answers in order. */
async function runExamples(code: string, { key, chat }: { key: string; chat: string }): Promise<unknown[]> {
  expect(code).toContain(host);
  expect(code).toContain("KEY=syszap_…");
  const real = code.replaceAll(host, inject("run").url).replaceAll("syszap_…", key);
  // An HTTP error ends the script, and each answer ends with a newline.
  const strict = `curl() { command curl --silent --show-error --fail-with-body "$@" || exit; echo; }\n${real}`;
  const { stdout } = await run("bash", ["-euc", strict], { env: { PATH: process.env.PATH, CHAT: chat } });
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

/** Creates a chat with a customer and an API key with these scopes. */
async function prepare(company: Company, scopes: string[]) {
  await run("curl", ["--version"]).catch(() => {
    throw new Error("The examples require curl. Install it (Debian: apt-get install curl).");
  });
  const session = await company.linkedSession("Loja com programa");
  const from = newNumber();
  const { data } = await company.receive(session.id, { from, name: "Ana", body: `cadê meu pedido? ${from}` });
  const made = await company.request("POST", "/v1/api-keys", { name: "ERP", scopes });
  const { secret } = made as { secret: string };
  return { session, key: secret, chat: String(data.Chat_Id) };
}

/** Resolves when the gateway welcomes the socket, and rejects when it refuses the upgrade. */
async function firstFrame(socket: WebSocket): Promise<void> {
  const [bytes] = await once(socket, "message");
  expect(JSON.parse(String(bytes))).toMatchObject({ type: "welcome" });
  socket.close();
}

test("the curl examples in the documentation work as described", async ({ onTestFinished }) => {
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

  // The examples repeat the same Idempotency-Key, so the second run returns the existing message.
  const [, again] = await runExamples(examples, { key, chat });
  expect(again).toMatchObject({ id: (queued as { id: string }).id });
  expect(await sentBy(session.id)).toEqual(["Seu pedido saiu para entrega."]);

  const [ticket] = await runExamples(await examplesOf("Listening"), { key, chat });
  expect(ticket).toMatchObject({ ticket: expect.any(String), expiresAt: expect.any(String) });
  // Neither needs an Origin header: by the ticket in the URL, and by the key itself.
  const socketUrl = `${inject("run").url.replace("http", "ws")}/ws`;
  await firstFrame(new WebSocket(`${socketUrl}?ticket=${(ticket as { ticket: string }).ticket}`));
  await firstFrame(new WebSocket(socketUrl, { headers: { authorization: `Bearer ${key}` } }));
});

test("an example whose key lacks a scope fails and names the scope", async ({ onTestFinished }) => {
  const company = await Company.signIn(demoOwner());
  onTestFinished(() => company.close());
  const { key, chat } = await prepare(company, ["read"]);
  const failed = runExamples(await examplesOf("API keys"), { key, chat });
  await expect(failed).rejects.toMatchObject({ stdout: expect.stringContaining("The API key needs the scope send.") });
});
