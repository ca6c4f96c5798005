import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { cp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { freePort, startOwnedProcess } from "@syszap/testing/servers";
import { beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { Company, demoOwner, newNumber, sentBy } from "../src/company.ts";
import { checkout } from "../src/product.ts";
import { scratchFolder } from "../src/scratch.ts";

const run = promisify(execFile);
let folder = "";

/**
 * Packs the client with npm, and installs it beside the examples as a team outside this repository would. Its dependencies come from
 * the checkout instead of the npm registry.
 */
beforeAll(async () => {
  folder = await scratchFolder();
  const tarball = await packClient(join(folder, "checkout"));
  const program = join(folder, "program");
  await cp(join(checkout, "examples"), program, { recursive: true });
  await writeFile(join(program, "package.json"), "{}");
  const tarballs = [tarball];
  for (const name of ["zod", "ws"]) {
    const source = realpathSync(join(checkout, "packages/client/node_modules", name));
    tarballs.push(join(folder, `${name}.tgz`));
    await run("tar", ["czf", join(folder, `${name}.tgz`), "-C", dirname(source), name]);
  }
  await npm(program, "install", "--offline", "--ignore-scripts", ...tarballs);
  await symlink(
    join(checkout, "services/webhook-sender/node_modules/standardwebhooks"),
    join(program, "node_modules/standardwebhooks"),
  );
  return () => rm(folder, { recursive: true, force: true });
});

/** Packs a copy, because packing replaces package.json for a moment. Returns the path of the package. */
async function packClient(copy: string): Promise<string> {
  const [from, to] = [join(checkout, "packages/client"), join(copy, "packages/client")];
  const isSource = (path: string) => !["node_modules", "dist"].includes(basename(path));
  await cp(from, to, { recursive: true, filter: isSource });
  for (const path of [
    "packages/client/node_modules",
    "packages/contracts",
    "tsconfig.base.json",
    "pnpm-workspace.yaml",
  ])
    await symlink(join(checkout, path), join(copy, path));
  await npm(to, "pack", "--pack-destination", copy);
  const { name } = JSON.parse(await readFile(join(to, "package.json"), "utf8"));
  const packed = (await readdir(copy)).filter((file) => file.endsWith(".tgz"));
  expect([name, packed]).toEqual(["@syszap/client", [expect.stringMatching(/^syszap-client-[\d.]+\.tgz$/)]]);
  return join(copy, packed[0] ?? "");
}

/** Without the variables of the npm that runs the tests. */
const npm = (cwd: string, ...args: string[]) => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return run("npm", [...args, "--no-audit", "--no-fund"], { cwd, env });
};

/** Starts a program. `output` resolves with the text that it has printed. */
async function start(program: string, env: Record<string, string>) {
  const logFile = join(folder, `${program}-${process.hrtime.bigint()}.log`);
  const started = await startOwnedProcess({
    command: process.execPath,
    args: [join(folder, "program", program)],
    cwd: join(folder, "program"),
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

test("the client that npm packs is the published package, and needs no other package of this repository", async () => {
  const manifest = JSON.parse(await readFile(join(folder, "program/node_modules/@syszap/client/package.json"), "utf8"));
  expect(manifest.exports).toEqual({ ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } });
  expect(manifest.dependencies).toEqual({ zod: expect.stringMatching(/^\^\d/) });
  expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:/);
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
    run(join(folder, "program/send-message.sh"), [chat, 'diz "olá"\n👋', `pedido-${chat}`], {
      env: { ...process.env, ...env },
    });
  const first = JSON.parse((await send()).stdout);
  await isSent;
  expect(JSON.parse((await send()).stdout).id).toBe(first.id);
  expect(await sentBy(session.id)).toEqual(['diz "olá"\n👋']);
});
