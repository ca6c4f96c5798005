import { stampFile } from "./stamp.ts";

/** Chromium makes these again by itself; a lock names a process of the machine that it was made on. */
const madeAgain: ReadonlySet<string> = new Set([
  "Cache",
  "Code Cache",
  "GPUCache",
  "GrShaderCache",
  "GraphiteDawnCache",
  "DawnCache",
  "DawnGraphiteCache",
  "DawnWebGPUCache",
  "ShaderCache",
  "Service Worker", // switched off in the page: holds copies of WhatsApp's own files only
  "component_crx_cache",
  "extensions_crx_cache",
  "Crashpad",
  "Crash Reports",
  "BrowserMetrics",
  "Safe Browsing",
  "WidevineCdm",
  "optimization_guide_model_store",
  "DevToolsActivePort",
  "lockfile",
]);

/** By the name of a file or folder, wherever in the profile it is. */
export function isLeftOut(name: string): boolean {
  return madeAgain.has(name) || name.startsWith("Singleton") || name.startsWith("BrowserMetrics-") || isOurs(name);
}

const isOurs = (name: string) => name === stampFile || name === `${stampFile}.new`;
