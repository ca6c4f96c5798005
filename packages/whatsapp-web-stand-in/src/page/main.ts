import { Account } from "./account.ts";
import type { Modules } from "./changes.ts";
import { buildModules } from "./modules.ts";

declare const window: Window & Record<string, unknown>;

/** Answers as Meta's module loader does, which is what the real wa-js looks for. */
function installRegistry(modules: Modules): void {
  const modulesMap = Object.fromEntries(Object.keys(modules).map((name) => [name, { factory: () => {} }]));
  const load = (name: string) => {
    const found = name === "__debug" ? { modulesMap } : modules[name];
    if (!found) throw new Error(`Requiring unknown module "${name}"`);
    return found;
  };
  window.ErrorGuard = { skipGuardGlobal: () => {} };
  window.importNamespace = load;
  window.require = load;
  window.__d = () => {};
}

const modules: Modules = {};
const account = new Account(() => modules);
Object.assign(modules, buildModules(account));
window.Debug = { VERSION: "2.3000.1032000000" };
addEventListener("DOMContentLoaded", () => {
  installRegistry(modules);
  account.boot().catch(console.error);
});
