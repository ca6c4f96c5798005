import { readFileSync } from "node:fs";

const folder = new URL("../../../deploy/monitoring/", import.meta.url);
const files = ["alerts.yml", "grafana-dashboard.json"];
const prefixes: Record<string, string> = {
  worker: "message-worker",
  connector: "whatsapp-connector",
  http: "rest-api",
  webhooks: "webhook-sender",
};
const ownerOf = (name: string) => prefixes[name.split("_", 2)[1] ?? ""] ?? "ws-gateway";

/** What alerts and dashboard ask of a service and its `/metrics` does not have. A name of nobody's is asked of the gateway. */
export function missingMetrics(service: string, metrics: string): string[] {
  const text = files.map((file) => readFileSync(new URL(file, folder), "utf8")).join("\n");
  const asked = new Set(text.match(/\bsyszap_[a-z0-9_]+/g)?.filter((name) => ownerOf(name) === service));
  if (asked.size === 0) throw new Error(`alerts and dashboard ask nothing of ${service}`);
  const told = new Map([...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  const isTold = (name: string) => told.has(name) || told.get(name.replace(/_(bucket|sum|count)$/, "")) === "histogram";
  return [...asked].filter((name) => !isTold(name));
}
