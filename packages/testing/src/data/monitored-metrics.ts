import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../../../deploy/monitoring/", import.meta.url);
const dashboards = new URL("dashboards/", folder);
const prefixes: Record<string, string> = {
  worker: "message-worker",
  connector: "whatsapp-connector",
  http: "rest-api",
  webhooks: "webhook-sender",
  push: "webhook-sender",
};
const ownerOf = (name: string) => prefixes[name.split("_", 2)[1] ?? ""] ?? "ws-gateway";

/** Metrics of Node and of the process, which every service exports. */
const isOfProcess = (name: string) => !name.startsWith("syszap_");

/**
 * Names of metrics that alerts or dashboards use and that are absent from the `/metrics` output of the service. Metrics of sysZap with
 * an unknown prefix belong to the gateway.
 */
export function missingMetrics(service: string, metrics: string): string[] {
  const files = [
    new URL("alerts.yml", folder),
    ...readdirSync(dashboards)
      .filter((name) => name.endsWith(".json"))
      .map((name) => new URL(name, dashboards)),
  ];
  const text = files.map((file) => readFileSync(file, "utf8")).join("\n");
  const named = text.match(/\b(?:syszap|process|nodejs)_[a-z0-9_]+/g) ?? [];
  const used = new Set(named.filter((name) => isOfProcess(name) || ownerOf(name) === service));
  if (![...used].some((name) => !isOfProcess(name)))
    throw new Error(`Alerts and dashboards use no metrics of ${service}.`);
  const types = new Map([...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  const isExported = (name: string) =>
    types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, "")) === "histogram";
  return [...used].filter((name) => !isExported(name));
}
