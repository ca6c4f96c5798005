import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1";
import { PrometheusRule, ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { Deployment, StatefulSet } from "kubernetes-models/apps/v1";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import { CronJob, Job } from "kubernetes-models/batch/v1";
import { Ingress, NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { PersistentVolumeClaim, Service } from "kubernetes-models/v1";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readRoot } from "../../src/compose-file.ts";
import {
  defaultValues,
  everything,
  named,
  objectsWith,
  type Rendered,
  readChart,
  templates,
} from "./rendered-chart.ts";

const models: Record<string, new (object: never) => { validate: () => void }> = {
  CronJob,
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  Job,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  PrometheusRule,
  ScaledObject,
  Service,
  ServiceMonitor,
  StatefulSet,
};

function faultOf(object: Rendered): string | undefined {
  const Model = models[object.kind];
  if (Model === undefined) return `no schema for ${object.kind}`;
  const { apiVersion, kind } = new Model({ metadata: {} } as never) as unknown as Rendered;
  if (apiVersion !== object.apiVersion || kind !== object.kind) return `${object.kind} is in ${apiVersion}`;
  try {
    new Model(object as never).validate();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const readable = ({ kind, metadata }: Rendered) => `${kind} ${metadata.name}`;

test.for([
  ["with the defaults", {}],
  ["with everything switched on", everything],
  ["with everything switched off", { ingress: { enabled: false }, networkPolicy: { enabled: false } }],
] as const)("every object is valid by the schema of its kind %s", ([, values]) => {
  const objects = objectsWith(values);
  expect(objects.length).toBeGreaterThan(15);
  for (const object of objects) expect([readable(object), faultOf(object)]).toEqual([readable(object), undefined]);
  expect(new Set(objects.map(readable)).size).toBe(objects.length);
});

test("the check by schemas finds wrong types and missing fields", () => {
  const deployment = named<Rendered & { spec: object }>(objectsWith(), "Deployment", "demo-rest-api");
  expect(faultOf({ ...deployment, spec: { ...deployment.spec, replicas: "two" } } as Rendered)).toContain("integer");
  expect(faultOf({ ...deployment, spec: {} } as Rendered)).toContain("required");
});

test("each optional object appears and disappears with its value", () => {
  const kinds = (values: object) => objectsWith(values).map(readable);
  expect(kinds({})).not.toContain("ServiceMonitor demo");
  expect(kinds(everything)).toEqual(
    expect.arrayContaining([
      "ServiceMonitor demo",
      "PrometheusRule demo",
      "ScaledObject demo-message-worker",
      "CronJob demo-backup",
    ]),
  );
  expect(kinds(everything)).not.toContain("HorizontalPodAutoscaler demo-message-worker");
  expect(kinds({ mediaClaim: { create: false } })).not.toContain("PersistentVolumeClaim syszap-media");
});

test("the rules for alerts are those of deploy/monitoring, also after Helm has read them as a template", () => {
  const rules = named<{ spec: object }>(objectsWith(everything), "PrometheusRule", "demo");
  expect(rules.spec).toEqual(parse(readRoot("deploy/monitoring/alerts.yml")));
});

test("the metrics keep their label `service`, which alerts select by", () => {
  expect(readRoot("deploy/monitoring/alerts.yml")).toContain('{service="');
  expect(named(objectsWith(everything), "ServiceMonitor", "demo")).toMatchObject({
    spec: { endpoints: [{ port: "http", path: "/metrics", honorLabels: true }] },
  });
});

test("every value of the chart is used by a template, and large numbers are texts", () => {
  const used = templates.join("\n");
  const paths = (values: object, prefix = ""): string[] =>
    Object.entries(values).flatMap(([name, value]) =>
      used.includes(`.Values.${prefix}${name} `) || typeof value !== "object" || value === null
        ? [`${prefix}${name}`]
        : paths(value, `${prefix}${name}.`),
    );
  for (const path of paths(defaultValues)) expect(used).toContain(`.Values.${path} `);
  for (const value of Object.values(defaultValues.settings)) expect(value).toEqual(expect.any(String));
});

test("Helm refuses a release without a registry or without an HTTPS address", () => {
  const schema = JSON.parse(readChart("values.schema.json"));
  expect(schema.properties.image.properties.registry.minLength).toBe(1);
  const origin = new RegExp(schema.properties.settings.properties.PUBLIC_ORIGIN.pattern);
  expect(origin.test("https://inbox.example.com")).toBe(true);
  for (const wrong of ["", "http://inbox.example.com", "https://inbox.example.com/"])
    expect(origin.test(wrong)).toBe(false);
  expect(Object.keys(schema.properties.settings.properties)).toEqual(Object.keys(defaultValues.settings));
});
