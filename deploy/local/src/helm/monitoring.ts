import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { IPrometheusRule, IServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { parse } from "yaml";
import { root } from "../paths.ts";
import { components } from "./components.ts";
import { fromValues, literal, release, type Template } from "./template.ts";

const labels = fromValues<Record<string, string>>("monitoring.labels");

const monitor: IServiceMonitor = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "ServiceMonitor",
  metadata: { name: release, labels },
  spec: {
    selector: {
      matchLabels: { "app.kubernetes.io/instance": release },
      matchExpressions: [
        {
          key: "app.kubernetes.io/component",
          operator: "In",
          values: components.filter(({ hasMetrics }) => hasMetrics).map(({ name }) => name),
        },
      ],
    },
    // The metrics have a label `service`, which the alerts use. Otherwise the name of the Service would replace it.
    endpoints: [{ port: "http", path: "/metrics", interval: "15s", honorLabels: true }],
  },
};

const alerts: { groups: { name: string; rules: { annotations: Record<string, string> }[] }[] } = parse(
  readFileSync(join(root, "deploy/monitoring/alerts.yml"), "utf8"),
);

const rules: IPrometheusRule = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PrometheusRule",
  metadata: { name: release, labels },
  spec: JSON.parse(JSON.stringify(alerts), (_key, value) => (typeof value === "string" ? literal(value) : value)),
};

export const monitoringTemplates: Record<string, Template> = {
  monitoring: { when: "monitoring.enabled", objects: [monitor, rules] },
};
