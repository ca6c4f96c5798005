import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { SpoolEntry } from "../../src/inbound/spool/entry.ts";
import { openSpool, spooled } from "./spools.ts";

/**
 * Runs on a small file system of its own. Each line of standard input is one step, which answers with one line of JSON:
 * `fill N` leaves room for N bytes, `free` ends that, `append N` appends N facts, `finish N` marks fact N as done.
 */
const [directory = "", capacity = "0", segmentBytes = "100000"] = process.argv.slice(2);
const { spool } = await openSpool(join(directory, "spool"), { segmentBytes: Number(segmentBytes) });
const ballast = join(directory, "ballast");
const onDisk: number[] = [];
const entries = new Map<number, SpoolEntry>();
let receipt = 100;

const fault = () => {
  try {
    spool.mustWork();
    return null;
  } catch (err) {
    return (err as Error).message;
  }
};
const steps: Record<string, (argument: number) => Promise<unknown> | unknown> = {
  fill: (free) => writeFile(ballast, Buffer.alloc(Number(capacity) - free)),
  free: () => rm(ballast),
  append: (count) => {
    for (let added = 0; added < count; added += 1) {
      const own = receipt++;
      const appended = spool.append(spooled(own, { body: "x".repeat(200) }));
      if (appended) entries.set(own, appended.entry);
      void appended?.onDisk.then(() => onDisk.push(own));
    }
  },
  finish: (own) => {
    const entry = entries.get(own);
    if (entry) spool.done(entry);
  },
  tidy: () => spool.tidy().catch(() => undefined),
  report: () => ({ onDisk, fault: fault(), bytes: spool.bytes }),
};
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const [name = "", argument = "0"] = line.split(" ");
  void Promise.resolve(steps[name]?.(Number(argument))).then((result) => console.log(JSON.stringify(result ?? null)));
});
await once(lines, "close");
process.exit();
