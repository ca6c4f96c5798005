import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeAll, describe, expect } from "vitest";
import { patienceMs } from "../../support/recorded-events.ts";
import { Recorder } from "../../support/recorder.ts";
import { ana, type Bench, isBrowser, shop, test } from "../../support/wppconnect/wppconnect.ts";

const bundle = fileURLToPath(new URL("../../../node_modules/.cache/engine-process.mjs", import.meta.url));

interface Line {
  raw?: string;
  detail?: string;
  fact?: { body?: string };
}

describe("the wppconnect engine in a process of its own", { timeout: 120_000 }, () => {
  let child: ChildProcess | undefined;

  /** Whatever else it prints is no JSON, and fails the test. */
  const run = ({ standIn, profileDirectory }: Bench) => {
    const lines = new Recorder<Line>();
    const process_ = spawn(process.execPath, [bundle, standIn.address, profileDirectory], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child = process_;
    createInterface(process_.stdout).on("line", (line) => lines.push(JSON.parse(line) as Line));
    return { process: process_, line: (isIt: (line: Line) => boolean) => lines.next(isIt, patienceMs) };
  };

  beforeAll(async () => {
    // As the service is built: what runs in WhatsApp's page must survive the bundler, which renames and wraps functions.
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

  test("killed without warning it takes its browser along, and the next process needs no code", async ({ bench }) => {
    const phone = bench.standIn.phone(shop, "Loja");
    const first = run(bench);
    bench.standIn.scan((await first.line(({ raw }) => raw !== undefined)).raw ?? "", phone);
    await first.line(({ detail }) => detail === "connected");
    phone.receive({ from: ana, name: "Ana", body: "antes" });
    await first.line(({ fact }) => fact?.body === "antes");

    const exited = once(first.process, "exit");
    first.process.kill("SIGKILL");
    await exited;
    await expect.poll(() => bench.processes(), { timeout: patienceMs }).toEqual([]);

    phone.receive({ from: ana, body: "enquanto morto" });
    await bench.start();
    await bench.heard.state("connected");
    expect(bench.heard.codes.all).toEqual([]);
    await bench.heard.message("enquanto morto");
  });

  test("without its browser it ends by itself: no timer of the library's is left, and nothing but ours was printed", async ({
    linked,
  }) => {
    const running = run(linked);
    await running.line(({ detail }) => detail === "connected");
    await linked.kill(isBrowser); // of a page that is closed in order, the library hears
    await running.line(({ detail }) => detail === "failed");
    const exited = once(running.process, "exit");
    running.process.stdin.end();
    expect(await exited).toEqual([0, null]);
    expect(await linked.processes()).toEqual([]);
  });
});
