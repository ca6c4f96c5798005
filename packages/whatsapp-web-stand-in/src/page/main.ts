import type { Modules } from "./changes.ts";
import { buildModules } from "./modules.ts";
import { PageController } from "./page-controller.ts";

declare const window: Window & Record<string, unknown>;

/** Installs an imitation of Meta's module loader, which wa-js looks for. */
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
const controller = new PageController(() => modules);
Object.assign(modules, buildModules(controller));
window.Debug = { VERSION: "2.3000.1032000000" };
addEventListener("DOMContentLoaded", () => {
  installRegistry(modules);
  controller.boot().catch(console.error);
});
