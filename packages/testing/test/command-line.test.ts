import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { runCommandLine, wholeNumber } from "../src/command-line.ts";

const options = { seeds: { type: "string" } } as const;
const usage = "Usage: npm run chaos -- [--seeds N]";
const run = vi.fn(async ({ values }: { values: { seeds?: string } }) => {
  wholeNumber("seeds", values.seeds ?? "1", 1);
});
afterEach(() => run.mockClear());

async function printed(args: string[]) {
  const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const err = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const { exitCode } = process;
  onTestFinished(() => {
    process.exitCode = exitCode;
    out.mockRestore();
    err.mockRestore();
  });
  process.exitCode = undefined;
  await runCommandLine({ args, options, usage }, run);
  return { out: out.mock.calls.join(""), err: err.mock.calls.join(""), exitCode: process.exitCode };
}

test("--help prints the usage and runs nothing", async () => {
  expect(await printed(["--help"])).toEqual({ out: `${usage}\n`, err: "", exitCode: undefined });
  expect(run).not.toHaveBeenCalled();
});

test.each([
  { args: ["--wrong"], reason: "Unknown option '--wrong'" },
  { args: ["--seeds"], reason: "Option '--seeds <value>' argument missing" },
  { args: ["--seeds", "0"], reason: '--seeds takes a whole number from 1, not "0".' },
])("$args prints the reason and the usage, without a stack", async ({ args, reason }) => {
  const { err, exitCode } = await printed(args);
  expect(err).toContain(reason);
  expect(err.endsWith(`\n\n${usage}\n`)).toBe(true);
  expect(err).not.toContain("    at ");
  expect(exitCode).toBe(1);
});

test("prints the stack of every other error", async () => {
  run.mockRejectedValueOnce(new Error("disk is full"));
  const { err, exitCode } = await printed([]);
  expect(err).toContain("disk is full");
  expect(err).toContain("    at ");
  expect(exitCode).toBe(1);
});
