import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.ts";

export interface Instruction {
  name: string;
  value: string;
}

/** Reads the instructions of a Dockerfile. Lines that end with a backslash are joined, comments are left out. */
export function readDockerfile(file: string): Instruction[] {
  const text = readFileSync(join(root, file), "utf8").replace(/^#.*\n/gm, "");
  return text
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, name = "", value = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { name, value: value.replace(/\s+/g, " ").trim() };
    });
}

/** Images that the stages of a Dockerfile are based on, without its own stages. */
export function baseImagesOf(instructions: readonly Instruction[]): string[] {
  const stages = new Set<string>();
  const bases = new Set<string>();
  for (const { name, value } of instructions) {
    if (name !== "FROM") continue;
    const [base = "", , stage] = value.split(" ");
    if (!stages.has(base)) bases.add(base);
    if (stage !== undefined) stages.add(stage);
  }
  return [...bases];
}
