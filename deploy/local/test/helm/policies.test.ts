import type { IDeployment, IStatefulSet } from "kubernetes-models/apps/v1";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import type { IService, IVolume } from "kubernetes-models/v1";
import { describe, expect, test } from "vitest";
import { bytesOf, compose, composeVariables, composeWith, readRoot } from "../../src/compose-file.ts";
import { containerOf, defaultValues, everything, named, objectsWith, podsOf } from "./rendered-chart.ts";

const objects = objectsWith(everything);
const pods = podsOf(objects);
const services = ["rest-api", "ws-gateway", "message-worker", "webhook-sender", "whatsapp-connector", "web-app"];
const required = [...composeVariables()].filter(([, value]) => value === undefined).map(([name]) => [name, "x"]);
const inCompose = (name: string) => composeWith(Object.fromEntries(required)).services[name] ?? {};
const bytesIn = (quantity: unknown) => bytesOf(String(quantity).replace("i", ""));

test("the chart has a pod for each service of compose, except for data stores and monitoring", () => {
  const others = ["postgres", "redis", "pgbouncer", "prometheus"];
  const expected = Object.keys(compose.services).filter((name) => !others.includes(name));
  expect([...pods.keys()].sort()).toEqual(expected.sort());
});

describe.for([...pods])("the pod of %s", ([name, pod]) => {
  const container = containerOf(pod);

  test("runs without root, without capabilities, and on a read-only file system", () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(pod.spec.securityContext?.runAsUser).toBeGreaterThan(0);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(pod.spec.automountServiceAccountToken).toBe(false);
    for (const field of ["hostNetwork", "hostPID", "hostIPC"]) expect(pod.spec).not.toHaveProperty(field);
  });

  test("reserves processor time, and the memory to which compose limits it", () => {
    const { requests, limits } = container.resources ?? {};
    expect(requests?.cpu).toMatch(/^\d+m?$/);
    expect(bytesIn(limits?.memory)).toBe(bytesOf(inCompose(name).mem_limit));
    expect(requests?.memory).toBe(limits?.memory);
  });

  test("mounts only bounded temporary files, claims and the secret", () => {
    const kindOf = ({ name: _, ...source }: IVolume) => Object.keys(source).join();
    for (const volume of pod.spec.volumes ?? []) {
      expect(["emptyDir", "persistentVolumeClaim", "secret"]).toContain(kindOf(volume));
      if (volume.emptyDir !== undefined)
        expect(bytesIn(volume.emptyDir.sizeLimit)).toBeLessThanOrEqual(bytesIn(container.resources?.limits?.memory));
    }
    const claims = name === "whatsapp-connector" ? ["data"] : [];
    const volumes = [...(pod.spec.volumes ?? []).map((volume) => volume.name), ...claims];
    expect([...new Set(container.volumeMounts?.map((mount) => mount.name))].sort()).toEqual(volumes.sort());
    expect(container.volumeMounts?.map(({ mountPath }) => mountPath)).toContain("/tmp");
  });
});

describe.for(services)("the service %s", (name) => {
  const pod = pods.get(name);
  if (pod === undefined) throw new Error(`no pod for ${name}`);
  const container = containerOf(pod);

  test("listens on the port that its probes and its Service use", () => {
    const port = container.env?.find((variable) => variable.name === "PORT")?.value ?? "8080";
    expect(container.ports).toEqual([{ name: "http", containerPort: Number(port) }]);
    const service = named<IService>(objects, "Service", `demo-${name}`);
    expect(service.spec?.ports).toEqual([{ name: "http", port: Number(port), targetPort: "http" }]);
    expect(service.spec?.selector).toEqual(labelsThatSelect(name));
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
      expect(probe?.httpGet?.port).toBe("http");
  });

  test("is asked for its health at paths that it serves", () => {
    const asked = [container.startupProbe, container.livenessProbe, container.readinessProbe].map(
      (probe) => probe?.httpGet?.path ?? "",
    );
    if (name === "web-app") return expect(new Set(asked)).toEqual(new Set(["/"]));
    expect(asked).toEqual(["/health/live", "/health/live", "/health/ready"]);
    const server = readRoot("packages/platform/src/ops-server.ts");
    for (const path of asked) expect(server).toContain(`path === "${path}"`);
    return undefined;
  });

  test("has time to stop after it has reported that it is not ready", () => {
    // The 15 seconds are the deadline of the process after its pause.
    const pauseSeconds = Number(container.env?.find((variable) => variable.name === "DRAIN_PAUSE_SECONDS")?.value ?? 0);
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(pauseSeconds + 15);
    const isBalanced = ["rest-api", "ws-gateway"].includes(name);
    expect(pauseSeconds > 0).toBe(isBalanced);
    expect(container.lifecycle?.preStop?.exec?.command).toEqual(name === "web-app" ? ["sleep", "5"] : undefined);
  });

  test("keeps all but one of its pods when machines are emptied, and spreads them", () => {
    const budget = named<IPodDisruptionBudget>(objects, "PodDisruptionBudget", `demo-${name}`);
    expect(budget.spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: labelsThatSelect(name) } });
    expect(pod.spec.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey)).toEqual([
      "topology.kubernetes.io/zone",
      "kubernetes.io/hostname",
    ]);
  });
});

const labelsThatSelect = (name: string) => ({
  "app.kubernetes.io/instance": "demo",
  "app.kubernetes.io/component": name,
});

test("a release starts new pods before it stops old ones, and all new gateways first", () => {
  for (const name of services.filter((each) => each !== "whatsapp-connector")) {
    const { spec } = named<IDeployment>(objects, "Deployment", `demo-${name}`);
    expect(spec?.strategy?.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: name === "ws-gateway" ? "100%" : 1 });
    // The autoscaler sets the number; a number here would reset it with each release.
    expect(spec?.replicas).toBeUndefined();
    const scalers = objects.filter(
      ({ kind, metadata }) =>
        ["HorizontalPodAutoscaler", "ScaledObject"].includes(kind) && metadata.name === `demo-${name}`,
    );
    expect([name, scalers.length]).toEqual([name, 1]);
  }
});

test("a connector has the name of its pod as its id, disks of its own, and a minute to hand its sessions over", () => {
  const { spec } = named<IStatefulSet>(objects, "StatefulSet", "demo-whatsapp-connector");
  const pod = spec?.template.spec;
  const container = pod?.containers[0];
  expect(container?.env).toContainEqual({
    name: "CONNECTOR_ID",
    valueFrom: { fieldRef: { fieldPath: "metadata.name" } },
  });
  expect(pod?.terminationGracePeriodSeconds).toBe(60);
  expect(spec?.volumeClaimTemplates?.map(({ metadata }) => metadata?.name)).toEqual(["data"]);
  const folders = container?.volumeMounts?.filter(({ name }) => name === "data").map(({ mountPath }) => mountPath);
  const environment = compose.services["whatsapp-connector"]?.environment ?? {};
  expect(folders).toEqual([environment.PROFILE_DIRECTORY, environment.SPOOL_DIRECTORY]);
  expect(pod?.volumes).toContainEqual({ name: "shm", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } });
});

test("the schema is migrated before a release is installed or upgraded", () => {
  expect(pods.get("migrate")?.owner.metadata.annotations).toMatchObject({ "helm.sh/hook": "pre-install,pre-upgrade" });
});

test("the smallest number of replicas fits the connections of the documented Postgres", () => {
  const pools = [...pods].map(([name, pod]) => {
    const size = containerOf(pod).env?.find((variable) => variable.name === "DATABASE_CONNECTIONS")?.value ?? 0;
    const key = name.replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
    return Number(size) * (defaultValues[key].minReplicas ?? defaultValues[key].replicas ?? 1);
  });
  const sum = pools.reduce((total, pool) => total + pool, 0);
  expect(sum).toBe(148);
  expect(sum + 17).toBeLessThanOrEqual(200);
});
