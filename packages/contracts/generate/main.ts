import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { documents } from "./documents.ts";

const docs = new URL("../../../docs/", import.meta.url);
const isCheck = process.argv.includes("--check");

let isStale = false;
for (const [name, text] of Object.entries(documents())) {
  const path = fileURLToPath(new URL(name, docs));
  if ((await readFile(path, "utf8").catch(() => "")) === text) continue;
  if (isCheck) {
    isStale = true;
    console.error(`docs/${name} is stale: run \`npm run generate\` and commit it`);
  } else {
    await writeFile(path, text);
    console.log(`wrote docs/${name}`);
  }
}
if (isStale) process.exitCode = 1;
