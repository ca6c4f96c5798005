import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeAll, describe, expect } from "vitest";
import { deadlineMs } from "../../support/recorded-events.ts";
import { Recorder } from "../../support/recorder.ts";
import { ana, type EngineFixture, isBrowser, shop, test } from "../../support/wppconnect/wppconnect.ts";

const bundle = fileURLToPath(new URL("../../../node_modules/.cache/engine-process.mjs", import.meta.url));

interface Line {
  raw?: string;
  detail?: string;
  fact?: { body?: string };
}

describe("the wppconnect engine in a separate process", { timeout: 300_000 }, () => {
  let child: ChildProcess | undefined;

  /** Any other output is not JSON, and fails the test. */
  const run = ({ standIn, profileDirectory }: EngineFixture) => {
    const lines = new Recorder<Line>();
    const process_ = spawn(process.execPath, [bundle, standIn.address, profileDirectory], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child = process_;
    createInterface(process_.stdout).on("line", (line) => lines.push(JSON.parse(line) as Line));
    return { process: process_, line: (matches: (line: Line) => boolean) => lines.next(matches, deadlineMs) };
  };

  beforeAll(async () => {
    // Built like the service: page functions must survive the bundler, which renames and wraps functions.
    await build({
      entryPoints: [fileURLToPath(new URL("../../support/wppconnect/engine-process.ts", import.meta.url))],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20.19",
      keepNames: true,
      minifySyntax: true,
      external: ["@wppconnect-team/wppconnect", "puppeteer-core"],
      banner: { js: 'import { createRequire as c } from "node:module";const require = c(import.meta.url);' },
    });
  });
  afterEach(() => void child?.kill("SIGKILL"));

  test("ends its browser when it is killed, and the next process needs no code", async ({ fixture }) => {
    const phone = fixture.standIn.phone(shop, "Loja");
    const first = run(fixture);
    fixture.standIn.scan((await first.line(({ raw }) => raw !== undefined)).raw ?? "", phone);
    await first.line(({ detail }) => detail === "connected");
    phone.receive({ from: ana, name: "Ana", body: "antes" });
    await first.line(({ fact }) => fact?.body === "antes");

    const exited = once(first.process, "exit");
    first.process.kill("SIGKILL");
    await exited;
    await expect.poll(() => fixture.processes(), { timeout: deadlineMs }).toEqual([]);

    phone.receive({ from: ana, body: "enquanto morto" });
    await fixture.start();
    await fixture.events.state("connected");
    expect(fixture.events.codes.all).toEqual([]);
    await fixture.events.message("enquanto morto");
  });

  test("ends after its browser was killed: the library leaves no timer and prints nothing", async ({ linked }) => {
    const running = run(linked);
    await running.line(({ detail }) => detail === "connected");
    await linked.kill(isBrowser); // the library receives no close event, as it would from a normal close
    await running.line(({ detail }) => detail === "failed");
    const exited = once(running.process, "exit");
    running.process.stdin.end();
    expect(await exited).toEqual([0, null]);
    expect(await linked.processes()).toEqual([]);
  });
});
