import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test as base, describe, expect, vi } from "vitest";
import type { SpoolLimits } from "../../src/inbound/spool/limits.ts";
import type { Spool } from "../../src/inbound/spool/spool.ts";
import { type OpenedSpool, openSpool, sessionId, spoolDirectory, spooled } from "../support/spools.ts";

/** Opens spools that are not closed within the test, as if their process were killed. */
type Open = (directory: string, limits?: Partial<SpoolLimits>) => Promise<OpenedSpool>;
const test = base.extend<{ directory: string; open: Open }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest derives the required fixtures from this pattern
  directory: async ({}, use) => {
    const { path, remove } = await spoolDirectory();
    await use(path);
    await remove();
  },
  open: async ({ directory: _ }, use) => {
    const opened: Promise<OpenedSpool>[] = [];
    await use((...given) => {
      const opening = openSpool(...given);
      opened.push(opening);
      return opening;
    });
    for (const { spool } of await Promise.all(opened)) await spool.close();
  },
});
const receiptsOf = (facts: { receipt: number }[]) => facts.map(({ receipt }) => receipt).sort((a, b) => a - b);
const files = async (directory: string) => (await readdir(directory)).sort();
async function append(spool: Spool, ...receipts: number[]) {
  const appended = receipts.map((receipt) => spool.append(spooled(receipt)));
  await Promise.all(appended.map((each) => each?.onDisk));
  return appended.flatMap((each) => each?.entry ?? []);
}

test("returns the facts of an earlier process unchanged, without those that are done", async ({ directory, open }) => {
  const { spool } = await open(directory);
  const [, second] = await append(spool, 1, 2, 3);
  if (second) spool.done(second);
  await spool.tidy();
  const next = await open(directory); // the first spool is not closed: its process was killed
  expect(await next.leftFacts()).toMatchObject([
    { sessionId, generation: 3, receipt: 1, fact: { waKey: "KEY1", body: "mensagem 1" } },
    { receipt: 3 },
  ]);
  expect(next.spool.records).toBe(2);
});

test("only this user may read the directory, also one that an older version created", async ({ directory, open }) => {
  const [fresh, older] = [join(directory, "new", "spool"), join(directory, "older")];
  await mkdir(older);
  await chmod(older, 0o755);
  for (const path of [fresh, older]) {
    await append((await open(path)).spool, 1);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  }
});

test("returns a fact again whose completion was not written yet", async ({ directory, open }) => {
  const { spool } = await open(directory);
  const [first] = await append(spool, 1, 2);
  if (first) spool.done(first);
  expect(receiptsOf(await (await open(directory)).leftFacts())).toEqual([1, 2]);
});

test("cuts off and counts an incomplete record, and appends complete ones after it", async ({ directory, open }) => {
  const { spool } = await open(directory);
  await append(spool, 1, 2);
  const [name = ""] = await files(directory);
  const path = join(directory, name);
  const whole = await readFile(path);
  await truncate(path, whole.byteLength - 5);
  const next = await open(directory);
  expect(receiptsOf(await next.leftFacts())).toEqual([1]);
  expect(next.torn).toBe(1);
  await append(next.spool, 4);
  const last = await open(directory);
  expect(receiptsOf(await last.leftFacts())).toEqual([1, 4]);
  expect(last.torn).toBe(0);
});

test("ends reading a file at foreign bytes or zeros, and starts anyway", async ({ directory, open }) => {
  const { spool } = await open(directory);
  await append(spool, 1);
  const [name = ""] = await files(directory);
  await appendFile(join(directory, name), Buffer.alloc(4_096));
  await writeFile(join(directory, "000000000000001-odd-00000001.facts"), "nothing of ours");
  const next = await open(directory);
  expect(receiptsOf(await next.leftFacts())).toEqual([1]);
  expect(next.torn).toBe(2);
});

test("ignores an incomplete offset in the done file", async ({ directory, open }) => {
  const { spool } = await open(directory);
  const entries = await append(spool, 1, 2, 3);
  if (entries[0]) spool.done(entries[0]);
  await spool.tidy();
  const done = (await files(directory)).find((name) => name.endsWith(".done")) ?? "";
  await appendFile(join(directory, done), Buffer.from([7, 0]));
  const next = await open(directory);
  expect(receiptsOf(await next.leftFacts())).toEqual([2, 3]);
  const second = next.left.find(({ jobId }) => jobId === entries[1]?.jobId);
  if (second) next.spool.done(second);
  await next.spool.tidy();
  expect(receiptsOf(await (await open(directory)).leftFacts())).toEqual([3]);
});

test("deletes files without live records, and leaves none after an orderly stop", async ({ directory, open }) => {
  const { spool } = await open(directory, { segmentBytes: 200 });
  const entries = [...(await append(spool, 1)), ...(await append(spool, 2)), ...(await append(spool, 3))];
  expect(await files(directory)).toHaveLength(3);
  for (const entry of entries.slice(0, 2)) spool.done(entry);
  await spool.tidy();
  expect(await files(directory)).toHaveLength(1);
  if (entries[2]) spool.done(entries[2]);
  await spool.close();
  expect(await files(directory)).toEqual([]);
});

describe("at its bound", () => {
  test("refuses records at its limit, and reports room when half of it is free", async ({ directory, open }) => {
    const { spool } = await open(directory, { records: 4 });
    const entries = await append(spool, 1, 2, 3, 4);
    expect(spool.append(spooled(5))).toBeUndefined();
    expect(() => spool.mustWork()).toThrow("4 facts wait to be stored");
    for (const entry of entries.slice(0, 2)) spool.done(entry);
    expect(spool.hasMuchRoom).toBe(false);
    for (const entry of entries.slice(2, 3)) spool.done(entry);
    expect(spool.hasMuchRoom).toBe(true);
    expect(await append(spool, 5)).toHaveLength(1);
  });

  test("refuses bytes at its limit", async ({ directory, open }) => {
    const { spool } = await open(directory, { bytes: 1_000 });
    expect(await append(spool, 1, 2, 3, 4, 5)).toHaveLength(2);
    expect(spool.bytes).toBeLessThanOrEqual(1_000);
  });

  test("reads facts from disk that are not kept in memory", async ({ directory, open }) => {
    const { spool } = await open(directory, { inMemory: 1 });
    const entries = await append(spool, 1, 2, 3);
    expect(entries.filter(({ inMemory }) => inMemory !== undefined)).toHaveLength(1);
    expect(receiptsOf(await Promise.all(entries.map((entry) => spool.read(entry))))).toEqual([1, 2, 3]);
  });
});

describe("a directory that cannot be written", () => {
  test("keeps facts in bounded memory, reports the fault, and writes them later", async ({ directory, open }) => {
    const path = join(directory, "spool");
    const { spool } = await open(path, { waiting: 2 });
    await rm(path, { recursive: true });
    await writeFile(path, "a file where the directory should be");
    let isOnDisk = false;
    const first = spool.append(spooled(1));
    void first?.onDisk.then(() => {
      isOnDisk = true;
    });
    await vi.waitFor(() => expect(() => spool.mustWork()).toThrow("the spool cannot be written: EEXIST"), {
      timeout: 60_000,
    });
    const second = spool.append(spooled(2));
    expect(second).toBeDefined();
    expect(spool.append(spooled(3))).toBeUndefined();
    expect(isOnDisk).toBe(false);
    await rm(path);
    await first?.onDisk;
    await second?.onDisk;
    await vi.waitFor(() => expect(() => spool.mustWork()).not.toThrow(), { timeout: 60_000 });
    expect(receiptsOf(await (await open(path)).leftFacts())).toEqual([1, 2]);
  });

  test("does not lose the facts of an earlier process at the start", async ({ directory, open }) => {
    const path = join(directory, "spool");
    await append((await open(path)).spool, 1);
    await mkdir(join(path, "000000000000001-odd-00000001.facts")); // a directory cannot be read as a file
    const opening = open(path);
    const barrier = await open(join(directory, "other"));
    await append(barrier.spool, 1);
    await rm(join(path, "000000000000001-odd-00000001.facts"), { recursive: true });
    expect(receiptsOf(await (await opening).leftFacts())).toEqual([1]);
  });
});

const writer = new URL("../support/spool-writer.ts", import.meta.url).pathname;

test("loses no confirmed fact when the process is killed repeatedly", async ({ directory, open }) => {
  const [onDisk, done] = [new Set<number>(), new Set<number>()];
  let written = 0;
  for (let kill = 0; kill < 4; kill += 1) {
    const child = spawn(process.execPath, ["--import", "tsx", writer, directory, String(written)], {
      cwd: new URL("../..", import.meta.url),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    const enough = 200 + kill * 37;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.split("\n").length > enough) child.kill("SIGKILL");
    });
    await once(child, "close");
    for (const line of said.split("\n").slice(0, -1)) {
      const receipt = Number(line.slice(1));
      if (line.startsWith("+")) onDisk.add(receipt);
      else if (line.startsWith("-")) done.add(receipt);
      written = Math.max(written, receipt + 100);
    }
  }
  const { leftFacts } = await open(directory);
  const left = new Set(receiptsOf(await leftFacts()));
  expect(onDisk.size).toBeGreaterThan(400);
  expect([...onDisk].filter((receipt) => !left.has(receipt) && !done.has(receipt))).toEqual([]);
  expect(left.size).toBeLessThan(onDisk.size + 100);
});

test("removes a partial write and writes the same facts to another file", async ({ directory, open }) => {
  // The system limits a file to 32 KB; the remaining facts go into the next file.
  const script = `trap '' XFSZ; ulimit -f 32; exec "$0" --import tsx "$1" "$2" 0`;
  const child = spawn("bash", ["-c", script, process.execPath, writer, directory], {
    cwd: new URL("../..", import.meta.url),
    env: { ...process.env, SPOOL_WRITER_SEGMENT_BYTES: "10000000" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (said.split("\n").length > 600) child.kill("SIGKILL");
  });
  await once(child, "close");
  const lines = said.split("\n").slice(0, -1);
  const done = new Set(lines.filter((line) => line.startsWith("-")).map((line) => Number(line.slice(1))));
  const onDisk = lines.filter((line) => line.startsWith("+")).map((line) => Number(line.slice(1)));
  const { leftFacts } = await open(directory);
  const left = receiptsOf(await leftFacts());
  expect(onDisk.filter((receipt) => !left.includes(receipt) && !done.has(receipt))).toEqual([]);
  expect(left).toEqual([...new Set(left)]); // the partially written facts are not duplicated
  expect((await files(directory)).filter((name) => name.endsWith(".facts")).length).toBeGreaterThan(1);
});
