import { readFileSync } from "node:fs";

interface FromFiles {
  /** The environment without empty variables, and with the contents of the files. */
  variables: Record<string, string | undefined>;
  /** Names of variables whose file could not be used, each with a sentence that contains no value. */
  faults: Map<string, string>;
}

/**
 * Reads `NAME` from the file that `NAME_FILE` names, for each of `names`. Line breaks at the end are removed. Docker and Kubernetes
 * mount secrets as files, which are not inherited by child processes and not shown by `docker inspect`.
 */
export function readVariableFiles(env: NodeJS.ProcessEnv, names: readonly string[]): FromFiles {
  const variables = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const faults = new Map<string, string>();
  for (const name of names) {
    const file = variables[`${name}_FILE`];
    if (file === undefined || names.includes(`${name}_FILE`)) continue;
    if (variables[name] !== undefined) {
      faults.set(name, `is set twice: remove ${name} or ${name}_FILE`);
      continue;
    }
    const { text, fault } = readText(file);
    if (text === undefined) faults.set(name, `${name}_FILE names a file that ${fault}`);
    else variables[name] = text;
  }
  return { variables, faults };
}

function readText(file: string): { text?: string; fault?: string } {
  try {
    const text = readFileSync(file, "utf8").replace(/[\r\n]+$/, "");
    return text === "" ? { fault: "is empty" } : { text };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return { fault: "does not exist" };
    return { fault: `cannot be read (${code ?? "unknown error"})` };
  }
}
