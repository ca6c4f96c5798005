import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, startOwnedProcess } from "@syszap/testing/servers";
import { beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { Company, demoOwner, newNumber, sentBy } from "../src/company.ts";
import { checkout } from "../src/product.ts";
import { scratchFolder } from "../src/scratch.ts";

const run = promisify(execFile);
let folder = "";

/** Installs the examples with the packed client, as a team outside this repository would. */
beforeAll(async () => {
  folder = await scratchFolder();
  const modules = join(folder, "node_modules");
  const tarball = join(folder, "client.tgz");
  await cp(join(checkout, "examples"), folder, { recursive: true });
  await mkdir(join(modules, "@syszap"), { recursive: true });
  const path = `${join(checkout, "node_modules/.bin")}:${process.env.PATH}`;
  const env = { ...process.env, PATH: path };
  await run("pnpm", ["pack", "--out", tarball], { cwd: join(checkout, "packages/client"), env });
  await run("tar", ["xzf", tarball, "-C", join(modules, "@syszap")]);
  await run("mv", [join(modules, "@syszap/package"), join(modules, "@syszap/client")]);
  for (const [name, owner] of [
    ["ws", "packages/e2e"],
    ["zod", "packages/e2e"],
    ["standardwebhooks", "services/webhook-sender"],
  ] as const)
    await symlink(join(checkout, owner, "node_modules", name), join(modules, name));
  return () => rm(folder, { recursive: true, force: true });
});

/** Starts a program. `output` resolves with the text that it has printed. */
async function start(program: string, env: Record<string, string>) {
  const logFile = join(folder, `${program}-${process.hrtime.bigint()}.log`);
  const started = await startOwnedProcess({
    command: process.execPath,
    args: [join(folder, program)],
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    logFile,
  });
  onTestFinished(() => started.kill());
  const prints = (text: string) =>
    vi.waitFor(async () => expect(await readFile(logFile, "utf8")).toContain(text), { timeout: 60_000 });
  return { prints, stop: () => started.stop(), exited: started.exited };
}

async function newCompanyWithKey(scopes: string[]) {
  const company = await Company.signIn(demoOwner());
  onTestFinished(() => company.close());
  const session = await company.linkedSession("Loja dos exemplos");
  const { secret } = (await company.request("POST", "/v1/api-keys", { name: "exemplo", scopes })) as { secret: string };
  return { company, session, env: { SYSZAP_URL: inject("run").url, SYSZAP_KEY: secret } };
}

test("the packed client needs no other package of this repository", async () => {
  const manifest = JSON.parse(await readFile(join(folder, "node_modules/@syszap/client/package.json"), "utf8"));
  expect(JSON.stringify(manifest)).not.toContain("workspace:");
  expect(Object.keys(manifest.dependencies)).toEqual(["zod"]);
});

test("the consumer prints the events of its company", async () => {
  const { company, session, env } = await newCompanyWithKey(["read"]);
  const consumer = await start("socket-consumer.mjs", env);
  await consumer.prints("connected");
  const body = `pelo socket ${newNumber()}`;
  await company.receive(session.id, { from: newNumber(), name: "Ana", body });
  await consumer.prints(body);
  await consumer.stop();
  expect(await consumer.exited).toBe(0);
});

test("the consumer says why it cannot connect, and ends when its key is refused", async () => {
  const consumer = await start("socket-consumer.mjs", { SYSZAP_URL: inject("run").url, SYSZAP_KEY: "syszap_unknown" });
  await consumer.prints("Cannot connect (ticket): The request for a realtime ticket failed with status 401");
  expect(await consumer.exited).toBe(1);
});

test("the receiver prints signed events and refuses others", async () => {
  const { company, session } = await newCompanyWithKey(["read"]);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const { secret, id } = (await company.request("POST", "/v1/webhooks", { url })) as { secret: string; id: string };
  onTestFinished(async () => void (await company.request("DELETE", `/v1/webhooks/${id}`)));
  const receiver = await start("webhook-receiver.mjs", { WEBHOOK_SECRET: secret, PORT: String(port) });
  await receiver.prints("listening");
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(401);
  const body = `pelo webhook ${newNumber()}`;
  await company.receive(session.id, { from: newNumber(), name: "Ana", body });
  await receiver.prints(body);
});

test("the script sends a message once, also when it runs twice", async () => {
  const { company, session, env } = await newCompanyWithKey(["send"]);
  const { data } = await company.receive(session.id, { from: newNumber(), name: "Ana", body: "oi" });
  const chat = String(data.Chat_Id);
  const isSent = company.next(
    ({ type, data }) => type === "message_status" && data.Chat_Id === chat && data.Status === "sent",
  );
  const send = () =>
    run(join(folder, "send-message.sh"), [chat, 'diz "olá"\n👋', `pedido-${chat}`], {
      env: { ...process.env, ...env },
    });
  const first = JSON.parse((await send()).stdout);
  await isSent;
  expect(JSON.parse((await send()).stdout).id).toBe(first.id);
  expect(await sentBy(session.id)).toEqual(['diz "olá"\n👋']);
});
