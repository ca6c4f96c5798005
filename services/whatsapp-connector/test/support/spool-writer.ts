import { writeSync } from "node:fs";
import { openSpool, spooled } from "./spools.ts";

/**
 * Spools facts until it is killed. Prints to standard output which facts are on disk (`+receipt`) and which are about to be
 * marked as done (`-receipt`, every third one).
 */
const [directory = "", from = "0"] = process.argv.slice(2);
const { spool } = await openSpool(directory, {
  segmentBytes: Number(process.env.SPOOL_WRITER_SEGMENT_BYTES ?? 20_000),
});
const say = (line: string) => writeSync(1, `${line}\n`);
for (let receipt = Number(from); ; ) {
  const burst = Array.from({ length: 1 + (receipt % 7) }, () => receipt++);
  await Promise.all(
    burst.map(async (each) => {
      const appended = spool.append(spooled(each, { body: "x".repeat(each % 300) }));
      if (!appended) throw new Error("no room");
      await appended.onDisk;
      say(`+${each}`);
      if (each % 3 > 0) return;
      say(`-${each}`);
      spool.done(appended.entry);
    }),
  );
  if (receipt % 5 === 0) await spool.tidy();
}
