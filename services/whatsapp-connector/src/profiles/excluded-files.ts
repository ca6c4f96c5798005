import { stampFile } from "./stamp.ts";

/** Files and folders that Chromium creates again, and locks, which belong to a process of one machine. */
const excludedNames: ReadonlySet<string> = new Set([
  "Cache",
  "Code Cache",
  "GPUCache",
  "GrShaderCache",
  "GraphiteDawnCache",
  "DawnCache",
  "DawnGraphiteCache",
  "DawnWebGPUCache",
  "ShaderCache",
  "Service Worker", // disabled in the page; holds only copies of WhatsApp's own files
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

/** Whether a file or folder of this name is excluded from archives, at any depth of the profile. */
export function isExcluded(name: string): boolean {
  return excludedNames.has(name) || name.startsWith("Singleton") || name.startsWith("BrowserMetrics-") || isStamp(name);
}

const isStamp = (name: string) => name === stampFile || name === `${stampFile}.new`;
