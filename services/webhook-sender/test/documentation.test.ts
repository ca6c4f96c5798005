import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { selectableTypes } from "@syszap/contracts";
import { freePort, startOwnedProcess } from "@syszap/testing/servers";
import { expect, onTestFinished, test as plain } from "vitest";
import { addWebhook, deliveriesOf, emitStatus, eventually, secret, test } from "./fixtures.ts";

const chapter = async () => {
  const page = await readFile(new URL("../../../docs/consuming.md", import.meta.url), "utf8");
  return page.slice(page.indexOf("\n## Webhooks"), page.indexOf("\n## Queues"));
};

/** Runs the example receiver of `docs/consuming.md` in its own process. */
async function startExample(change: Record<string, string> = {}) {
  const code = /```js\n(.*?)```/s.exec(await chapter())?.[1] ?? "";
  const port = await freePort();
  const receiver = await startOwnedProcess({
    command: process.execPath,
    args: ["--input-type=module", "-e", code],
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { PATH: process.env.PATH, WEBHOOK_SECRET: secret, ...change, PORT: String(port) },
  });
  onTestFinished(() => receiver.kill());
  const url = `http://127.0.0.1:${port}/`;
  await eventually(() =>
    fetch(url, { method: "POST" }).then(
      ({ status }) => status,
      () => 0,
    ),
  ).toBe(401);
  return url;
}

test("the documented receiver accepts a request that is signed with its secret", async ({ environment }) => {
  const acme = await environment.openCompany();
  const webhook = await addWebhook(environment, acme, await startExample());
  await environment.startSender();
  await emitStatus(environment, acme);
  await eventually(async () => (await deliveriesOf(environment, acme, webhook))[0]?.state).toBe("delivered");
});

test("the documented receiver rejects a request that is signed with another secret", async ({ environment }) => {
  const acme = await environment.openCompany();
  const another = { WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString("base64")}` };
  const webhook = await addWebhook(environment, acme, await startExample(another));
  await environment.startSender();
  await emitStatus(environment, acme);
  await eventually(async () => (await deliveriesOf(environment, acme, webhook))[0]?.state).toBe("failed");
  expect((await deliveriesOf(environment, acme, webhook))[0]?.tries.map(({ status }) => status)).toEqual([
    401, 401, 401, 401,
  ]);
});

plain("the documentation lists every event type that webhooks receive", async () => {
  const text = await chapter();
  for (const type of [...selectableTypes, "webhook_test"]) expect(text).toContain(`\`${type}\``);
});
