import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

const isOwnFile = (input: string) => /(^|\/)client\/src\/[a-z-]+\.ts$/.test(input);

test("the browser bundle is under 8 KB gzipped and contains no schemas", async () => {
  const entry = fileURLToPath(new URL("../src/index.ts", import.meta.url));
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    metafile: true,
  });
  const bytes = gzipSync(outputFiles[0]?.contents ?? "").length;
  expect(bytes).toBeGreaterThan(500);
  expect(bytes).toBeLessThan(8 * 1024);
  const foreign = Object.keys(metafile.inputs).filter((input) => !isOwnFile(input));
  expect(foreign.filter((input) => !input.includes("contracts/src/constants/"))).toEqual([]);
});
