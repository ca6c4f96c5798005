import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.ts";
import { components } from "./components.ts";
import { variablesIn } from "./compose-services.ts";
import { entriesOf, isSecret, setByKubernetes } from "./environment.ts";

export interface Setting {
  name: string;
  /** Undefined for a required setting. */
  fallback: string | undefined;
  /** Comments of `.env.example`. */
  comments: string[];
}

const privateNetworks = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";
/** Pods and ingress controllers have addresses of these networks; the policies for the network say who may connect at all. */
const ownDefaults: Record<string, string> = {
  TRUSTED_PROXIES: privateNetworks,
  FRONT_TRUSTED_PROXIES: privateNetworks,
};

/** The settings of docker-compose.yml that are not secret, in the order of `.env.example`. */
export function settings(): Setting[] {
  const found = new Map<string, string | undefined>();
  for (const [name, value] of components.flatMap(entriesOf)) {
    const text = String(value);
    if (isSecret(text) || setByKubernetes(name)) continue;
    for (const variable of variablesIn(text)) found.set(variable.name, variable.fallback);
  }
  const example = readExample();
  const positions = [...example.keys()];
  return [...found]
    .map(([name, fallback]) => ({
      name,
      fallback: ownDefaults[name] ?? fallback,
      comments: example.get(name) ?? [],
    }))
    .toSorted((one, other) => positions.indexOf(one.name) - positions.indexOf(other.name));
}

/** The comments above each variable of `.env.example`. */
function readExample(): Map<string, string[]> {
  const comments = new Map<string, string[]>();
  let above: string[] = [];
  for (const line of readFileSync(join(root, ".env.example"), "utf8").split("\n")) {
    const [, name] = /^#?([A-Z][A-Z0-9_]*)=/.exec(line) ?? [];
    if (name !== undefined) comments.set(name, above);
    above = line.startsWith("# ") ? [...above, line.slice(2)] : [];
  }
  return comments;
}
