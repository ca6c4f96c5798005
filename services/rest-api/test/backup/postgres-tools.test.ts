import { expect, test } from "vitest";
import { findTool, withoutNewerSettings } from "../../src/backup/postgres-tools.ts";

async function cleaned(chunks: Buffer[]): Promise<string> {
  const script = (async function* () {
    yield* chunks;
  })();
  const parts = [];
  for await (const part of withoutNewerSettings(script)) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

test("a script of pg_restore 17 runs on an older server, whatever the chunks are", async () => {
  const head = "SET statement_timeout = 0;\nSET transaction_timeout = 0;\nSET lock_timeout = 0;\n";
  const data = `${"é".repeat(5_000)}\nSET transaction_timeout = 0;\n`;
  const expected = `${head.replace("SET transaction_timeout = 0;\n", "")}${data}`;
  const bytes = Buffer.from(head + data);
  expect(await cleaned([bytes])).toBe(expected);
  expect(await cleaned([bytes.subarray(0, 40), bytes.subarray(40, 41), bytes.subarray(41)])).toBe(expected);
  expect(await cleaned([Buffer.from("select 1;")])).toBe("select 1;");
});

test("names the package when no program is new enough", async () => {
  await expect(findTool("pg_dump", 29)).rejects.toThrow(/postgresql-client-29/);
  expect((await findTool("pg_dump", 9)).major).toBeGreaterThanOrEqual(15);
});
