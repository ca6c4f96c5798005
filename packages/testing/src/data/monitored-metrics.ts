import { readFileSync } from "node:fs";

const folder = new URL("../../../../deploy/monitoring/", import.meta.url);
const files = ["alerts.yml", "grafana-dashboard.json"];
const prefixes: Record<string, string> = {
  worker: "message-worker",
  connector: "whatsapp-connector",
  http: "rest-api",
  webhooks: "webhook-sender",
};
const ownerOf = (name: string) => prefixes[name.split("_", 2)[1] ?? ""] ?? "ws-gateway";

/**
 * Names of metrics that alerts or dashboard use and that are absent from the `/metrics` output of the service. Metrics with an
 * unknown prefix belong to the gateway.
 */
export function missingMetrics(service: string, metrics: string): string[] {
  const text = files.map((file) => readFileSync(new URL(file, folder), "utf8")).join("\n");
  const used = new Set(text.match(/\bsyszap_[a-z0-9_]+/g)?.filter((name) => ownerOf(name) === service));
  if (used.size === 0) throw new Error(`Alerts and dashboard use no metrics of ${service}.`);
  const types = new Map([...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  const isExported = (name: string) =>
    types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, "")) === "histogram";
  return [...used].filter((name) => !isExported(name));
}
