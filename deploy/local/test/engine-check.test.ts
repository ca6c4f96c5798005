import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { engineReport } from "../src/engine-check/engine-report.ts";
import { pinnedVersions, pinVersions } from "../src/engine-check/library-versions.ts";
import { copyWorkingTree } from "../src/engine-check/temporary-checkout.ts";
import { root } from "../src/paths.ts";

const before = { wppconnect: "2.3.3", waJs: "4.6.0" };
const after = { wppconnect: "2.4.0", waJs: "4.6.0" };

function reportWith(...files: object[]): string {
  const folder = mkdtempSync(join(tmpdir(), "syszap-engine-report-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "report.json");
  writeFileSync(file, JSON.stringify({ testResults: files }));
  return file;
}
const passed = { status: "passed", fullName: "wppconnect a new session emits a QR code" };
const skipped = { status: "pending", fullName: "simulator a new session emits a QR code" };
const failed = {
  status: "failed",
  fullName: "wppconnect sends a text",
  failureMessages: ["SendError: Module X was not found\n    at sender.ts:1"],
};

test("all tests passed: exit code 0, with the versions before and after", () => {
  const { text, exitCode } = engineReport(before, after, reportWith({ assertionResults: [passed, skipped] }));
  expect(exitCode).toBe(0);
  expect(text.split("\n")).toEqual([
    "@wppconnect-team/wppconnect: 2.3.3 -> 2.4.0",
    "@wppconnect/wa-js: 4.6.0 (unchanged)",
    "1 tests passed, 0 broke",
  ]);
});

test("a broken test: exit code 1, with its title and its error", () => {
  const { text, exitCode } = engineReport(before, after, reportWith({ assertionResults: [passed, failed] }));
  expect(exitCode).toBe(1);
  expect(text).toContain(
    "broke: wppconnect sends a text\n  SendError: Module X was not found\n1 tests passed, 1 broke",
  );
});

test("no test ran: exit code 2, with the reason if it is known", () => {
  const broken = { message: "Error: Cannot find module\n    at x", assertionResults: [] };
  expect(engineReport(before, after, reportWith(broken))).toMatchObject({
    exitCode: 2,
    text: expect.stringMatching(/no test ran\nError: Cannot find module$/),
  });
  expect(engineReport(before, after, reportWith({ assertionResults: [skipped] })).exitCode).toBe(2);
  expect(engineReport(before, after, "/nowhere/report.json").exitCode).toBe(2);
});

test("other versions are pinned in a copy; the working tree stays as it is", async () => {
  const status = () => execFileSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" });
  const statusBefore = status();
  const pinned = pinnedVersions(root);
  const copy = await copyWorkingTree(root);
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  expect(existsSync(join(copy, "node_modules"))).toBe(false);
  pinVersions(copy, { wppconnect: "9.8.7", waJs: "6.5.4" });
  expect(pinnedVersions(copy)).toEqual({ wppconnect: "9.8.7", waJs: "6.5.4" });
  expect(pinnedVersions(root)).toEqual(pinned);
  expect(JSON.parse(readFileSync(join(copy, "services/whatsapp-connector/package.json"), "utf8"))).toMatchObject({
    dependencies: { "@wppconnect-team/wppconnect": "9.8.7" },
  });
  expect(status()).toBe(statusBefore);
});
