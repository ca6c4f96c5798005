import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../src/engines/wppconnect/chromium.ts";
import { patienceMs } from "./support/heard.ts";
import { Recorder } from "./support/recorder.ts";
import { Bench } from "./support/wppconnect.ts";

const bundle = fileURLToPath(new URL("../node_modules/.cache/engine-process.mjs", import.meta.url));
const shop = "5511999993333";

interface Line {
  raw?: string;
  detail?: string;
  fact?: { body?: string };
}

describe("the wppconnect engine in a process of its own", { timeout: 120_000 }, () => {
  let bench: Bench;
  let child: ChildProcess | undefined;

  const run = () => {
    const lines = new Recorder<Line>();
    child = spawn(process.execPath, [bundle, bench.standIn.address, bench.profileDirectory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (child.stdout) createInterface(child.stdout).on("line", (line) => lines.push(JSON.parse(line) as Line));
    return { child, line: (isIt: (line: Line) => boolean) => lines.next(isIt, patienceMs) };
  };

  beforeAll(async () => {
    bench = await Bench.open();
    // As the service is built: what runs in WhatsApp's page must survive the bundler, which renames and wraps functions.
    await build({
      entryPoints: [fileURLToPath(new URL("./support/engine-process.ts", import.meta.url))],
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
  afterEach(async () => {
    child?.kill("SIGKILL");
    await bench.stop();
  });
  afterAll(() => bench.close());

  test("killed without warning it takes its browser along, and the next process needs no code", async () => {
    const phone = bench.standIn.phone(shop, "Loja");
    const first = run();
    bench.standIn.scan((await first.line(({ raw }) => raw !== undefined)).raw ?? "", phone);
    await first.line(({ detail }) => detail === "connected");
    phone.receive({ from: "5511988887777", name: "Ana", body: "antes" });
    await first.line(({ fact }) => fact?.body === "antes");

    const exited = once(first.child, "exit");
    first.child.kill("SIGKILL");
    await exited;
    await expect.poll(() => bench.processes(), { timeout: patienceMs }).toEqual([]);

    phone.receive({ from: "5511988887777", body: "enquanto morto" });
    await bench.start();
    await bench.heard.state("connected");
    expect(bench.heard.codes.all).toEqual([]);
    await bench.heard.message("enquanto morto");
  });

  test("a browser that somebody left on the profile is ended first", async () => {
    const profile = `${bench.profileDirectory}/chromium`;
    const args = ["--headless=new", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`, "about:blank"];
    const left = spawn(findChromium(undefined), args, { detached: true, stdio: "ignore" });
    const ended = once(left, "exit");
    const isUp = async () =>
      (await bench.processes()).some(({ commandLine }) => commandLine.includes("--type=renderer"));
    await expect.poll(isUp, { timeout: patienceMs }).toBe(true);
    await bench.start();
    await ended;
    await bench.heard.state("connected");
  });
});
