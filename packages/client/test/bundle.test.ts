import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

test("the bundle for browsers is under 8 KB gzipped and holds nothing but this package", async () => {
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
  expect(Object.keys(metafile.inputs).filter((input) => !/(^|\/)src\/[a-z-]+\.ts$/.test(input))).toEqual([]);
  expect(Object.keys(metafile.inputs).some((input) => input.includes("contracts"))).toBe(false);
});
