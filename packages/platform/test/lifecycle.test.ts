import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { createLogger, Lifecycle } from "../src/index.ts";

const silent = createLogger({ service: "test", level: "silent" });

test("runs each closer once, newest first, and continues after a failing one", async () => {
  const closed: string[] = [];
  const lifecycle = new Lifecycle(silent, 1_000);
  lifecycle.onStop("database", () => closed.push("database"));
  lifecycle.onStop("queue", () => {
    throw new Error("already closed");
  });
  lifecycle.onStop("server", async () => {
    await Promise.resolve();
    closed.push("server");
  });
  await Promise.all([lifecycle.stop(), lifecycle.stop()]);
  expect(closed).toEqual(["server", "database"]);
});

/** Runs `body` as a service in a separate process. */
function service(body: string) {
  const source = `import { main } from "./src/index.ts"; main("trial", async ({ lifecycle, log }) => { ${body} });`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", source], {
    cwd: new URL("..", import.meta.url),
    env: { ...process.env, LOG_LEVEL: "info" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const started = new Promise<void>((resolve) => {
    const take = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("started")) resolve();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
  });
  return { child, started, ended: once(child, "close").then(([code]) => ({ code: code as number | null, output })) };
}

test("stops in order when a signal is sent twice within milliseconds", async () => {
  const trial = service(`
    setInterval(() => {}, 1000);
    lifecycle.onStop("slow", async () => { await new Promise((r) => setTimeout(r, 200)); log.info("closed in order"); });
    log.info("started");`);
  await trial.started;
  trial.child.kill("SIGINT");
  trial.child.kill("SIGINT");
  const { code, output } = await trial.ended;
  expect(output).toContain("closed in order");
  expect(code).toBe(0);
});

test("serves on between the notice for load balancers and the stop", async () => {
  const trial = service(`
    const { createServer } = await import("node:http");
    const server = createServer((req, res) => res.end("served"));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address();
    lifecycle.onStop("server", () => { log.info("closed"); server.close(); });
    lifecycle.beforeStop({ pauseMs: 500, start: async () => {
      log.info("not ready");
      log.info(await (await fetch("http://127.0.0.1:" + port)).text());
    } });
    log.info("started");`);
  await trial.started;
  trial.child.kill("SIGTERM");
  const { code, output } = await trial.ended;
  expect(output).toMatch(/not ready[\s\S]*served[\s\S]*closed/);
  expect(code).toBe(0);
});

test("runs the stop sequence after an unhandled rejection and exits with code 1", async () => {
  const trial = service(`
    setInterval(() => {}, 1000);
    lifecycle.onStop("server", () => log.info("closed"));
    log.info("started"); void Promise.reject(new Error("nobody caught me"));`);
  const { code, output } = await trial.ended;
  expect(output).toMatch(/nobody caught me[\s\S]*closed/);
  expect(code).toBe(1);
});

test("exits with code 1 and a message without a stack for an invalid environment", async () => {
  const trial = service(`
    const { loadEnvironment, baseEnvironment } = await import("./src/index.ts");
    const { z } = await import("zod");
    loadEnvironment(z.object(baseEnvironment), { PORT: "none" });`);
  const { code, output } = await trial.ended;
  expect(output).toContain("trial: Invalid environment\n  PORT:");
  expect(output).not.toContain("at ");
  expect(code).toBe(1);
});
