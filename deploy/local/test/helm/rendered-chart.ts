import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { IPodSpec } from "kubernetes-models/v1";
import { parse } from "yaml";
import { mergeValues, renderChart } from "../../src/helm/render-chart.ts";
import type { Manifest } from "../../src/helm/template.ts";
import { chartFolder } from "../../src/helm/write-chart.ts";

export const readChart = (path: string): string => readFileSync(join(chartFolder, path), "utf8");
export const templates = readdirSync(join(chartFolder, "templates")).map((name) => readChart(`templates/${name}`));
export const defaultValues = parse(readChart("values.yaml"));

const given = {
  image: { registry: "registry.example.com/team" },
  settings: { PUBLIC_ORIGIN: "https://inbox.example.com" },
};
/** Everything that can be switched on. */
export const everything = {
  monitoring: { enabled: true, labels: { release: "prometheus" } },
  keda: { enabled: true },
  backup: { enabled: true },
  wsGateway: { scaleByConnections: true },
};

export type Rendered = Manifest & { metadata: { name: string; annotations?: Record<string, string> } };

export function objectsWith(values: object = {}): Rendered[] {
  const release = { name: "demo", namespace: "inbox", values: mergeValues(mergeValues(defaultValues, given), values) };
  return renderChart(templates, release) as Rendered[];
}

/** The pods of each object that starts some, by the name of their component. */
export function podsOf(objects: Rendered[]): Map<string, { owner: Rendered; spec: IPodSpec }> {
  const found = new Map<string, { owner: Rendered; spec: IPodSpec }>();
  for (const owner of objects) {
    const { spec } = owner as { spec?: { template?: { spec: IPodSpec }; jobTemplate?: { spec: typeof spec } } };
    const pod = spec?.template ?? spec?.jobTemplate?.spec?.template;
    if (pod !== undefined) found.set(owner.metadata.name.replace("demo-", ""), { owner, spec: pod.spec });
  }
  return found;
}

export const containerOf = ({ spec }: { spec: IPodSpec }) => {
  const [container, ...others] = spec.containers;
  if (container === undefined || others.length > 0) throw new Error("expected one container");
  return container;
};

export const named = <T = Rendered>(objects: Rendered[], kind: string, name: string): T => {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`the chart has no ${kind} ${name}`);
  return found as T;
};
