import type { IDeployment, IStatefulSet } from "kubernetes-models/apps/v1";
import type { ICronJob, IJob } from "kubernetes-models/batch/v1";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import type { IPersistentVolumeClaim, IService } from "kubernetes-models/v1";
import {
  backup,
  type Component,
  connector,
  deployments,
  fullName,
  labelsOf,
  migrate,
  port,
  selectorOf,
  webApp,
  wsGateway,
} from "./components.ts";
import { podOf } from "./pods.ts";
import { fromValues, type Template } from "./template.ts";

const metadataOf = (component: Component) => ({ name: fullName(component), labels: labelsOf(component) });

/** Without `replicas`, which the autoscaler sets. */
const deploymentOf = (component: Component): IDeployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: metadataOf(component),
  spec: {
    selector: { matchLabels: selectorOf(component) },
    // All new gateways start before old ones stop, so that a browser that reconnects finds a new one.
    strategy: {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: component === wsGateway ? "100%" : 1, maxUnavailable: 0 },
    },
    template: podOf(component),
  },
});

/** The name of a pod is the id of its connector, and its disk has the spool of this id. */
const connectors: IStatefulSet = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: metadataOf(connector),
  spec: {
    serviceName: fullName(connector),
    replicas: fromValues("whatsappConnector.replicas"),
    podManagementPolicy: "Parallel",
    selector: { matchLabels: selectorOf(connector) },
    template: podOf(connector),
    volumeClaimTemplates: [
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data" },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: fromValues("whatsappConnector.storageClass"),
          resources: { requests: { storage: fromValues("whatsappConnector.disk") } },
        },
      },
    ],
  },
};

/**
 * The front is reached through one address. The others have the address of each pod, also of those that are not ready: if Redis or
 * Postgres fails, none may be, and the front must still reach them. It asks another pod when one is stopping (deploy/front).
 */
const serviceOf = (component: Component): IService => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: metadataOf(component),
  spec: {
    ...(component !== webApp && { clusterIP: "None", publishNotReadyAddresses: true }),
    selector: selectorOf(component),
    ports: [{ name: "http", port, targetPort: "http" }],
  },
});

const disruptionBudgetOf = (component: Component): IPodDisruptionBudget => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: metadataOf(component),
  spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(component) } },
});

/** Runs before the services are installed or upgraded. Old services continue meanwhile. */
const migration: IJob = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: {
    ...metadataOf(migrate),
    annotations: {
      "helm.sh/hook": "pre-install,pre-upgrade",
      "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    },
  },
  spec: { backoffLimit: 3, template: podOf(migrate, { restartPolicy: "Never" }) },
};

const backups: ICronJob = {
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: metadataOf(backup),
  spec: {
    schedule: fromValues("backup.schedule"),
    concurrencyPolicy: "Forbid",
    jobTemplate: { spec: { backoffLimit: 2, template: podOf(backup, { restartPolicy: "Never" }) } },
  },
};

const mediaClaim: IPersistentVolumeClaim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  // Files outlive the release.
  metadata: { name: "syszap-media", annotations: { "helm.sh/resource-policy": "keep" } },
  spec: {
    accessModes: ["ReadWriteMany"],
    storageClassName: fromValues("mediaClaim.storageClass"),
    resources: { requests: { storage: fromValues("mediaClaim.size") } },
  },
};

export const workloadTemplates: Record<string, Template> = {
  ...Object.fromEntries(
    deployments.map((component) => [
      component.name,
      { objects: [deploymentOf(component), serviceOf(component), disruptionBudgetOf(component)] },
    ]),
  ),
  "whatsapp-connector": { objects: [connectors, serviceOf(connector), disruptionBudgetOf(connector)] },
  migrate: { objects: [migration] },
  backup: { when: "backup.enabled", objects: [backups] },
  "media-claim": { when: "mediaClaim.create", objects: [mediaClaim] },
};
