import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";

const pageBytes = 4_096;
const diskBytes = 16 * pageBytes;
const program = new URL("../support/spool-on-full-disk.ts", import.meta.url).pathname;
const inOwnMounts = ["--user", "--map-root-user", "--mount"];
const mayMount = spawnSync("unshare", [...inOwnMounts, "true"]).status === 0;

/** Runs a spool on a tmpfs of 64 KiB that only its process sees. */
async function startSpool(segmentBytes: number) {
  const directory = await mkdtemp(join(tmpdir(), "full-disk-"));
  const script = `mount -t tmpfs -o size=${diskBytes} none "$1" && exec "$0" --import tsx "$2" "$1" ${diskBytes} ${segmentBytes}`;
  const child = spawn("unshare", [...inOwnMounts, "sh", "-c", script, process.execPath, directory, program], {
    cwd: new URL("../..", import.meta.url),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => child.once("close", resolve));
  onTestFinished(async () => {
    child.stdin.end();
    await exited;
    await rm(directory, { recursive: true });
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const step = async (line: string) => {
    child.stdin.write(`${line}\n`);
    return JSON.parse((await lines.next()).value);
  };
  const report = (): Promise<{ onDisk: number[]; fault: string | null; bytes: number }> => step("report");
  const files = async () => (await readdir(`/proc/${child.pid}/root${directory}/spool`)).sort();
  return { step, report, files };
}

const receipts = (count: number) => Array.from({ length: count }, (_, at) => 100 + at);

test.runIf(mayMount)("writes as many facts as a full disk has room for, in their order", async () => {
  const { step, report } = await startSpool(100_000);
  await step("append 1");
  await expect.poll(report).toMatchObject({ onDisk: receipts(1) });
  const recordBytes = (await report()).bytes;
  const fitting = Math.floor((2 * pageBytes) / recordBytes);

  await step(`fill ${2 * pageBytes}`);
  await step("append 60");
  await expect.poll(report).toMatchObject({ onDisk: receipts(fitting), fault: "the disk of the spool is full" });

  await step("free");
  await expect.poll(report).toMatchObject({ onDisk: receipts(61), fault: null });
});

test.runIf(mayMount)("deletes files without live facts on a full disk", async () => {
  const { step, report, files } = await startSpool(600); // two facts per file
  for (const count of [1, 2, 3, 4, 5]) {
    await step("append 1");
    await expect.poll(report).toMatchObject({ onDisk: receipts(count) });
  }
  const [first, second, third] = await files();
  await step(`fill ${3 * pageBytes}`);
  for (const receipt of [100, 102, 103]) await step(`finish ${receipt}`);
  await step("tidy");
  expect(await files()).toEqual([first?.replace(".facts", ".done"), first, third]);
  expect(second).toMatch(/\.facts$/);
});
