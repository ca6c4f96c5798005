import type { IScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1";
import type { IHorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import {
  type Component,
  fullName,
  labelsOf,
  messageWorker,
  restApi,
  webApp,
  webhookSender,
  wsGateway,
} from "./components.ts";
import { fromValues, type Template } from "./template.ts";

type Metrics = NonNullable<NonNullable<IHorizontalPodAutoscaler["spec"]>["metrics"]>;

const processor: Metrics[number] = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
};
/** Sockets cost memory before they cost processor time. Needs an adapter that serves the metric of Prometheus. */
const connections: Metrics[number] = {
  type: "Pods",
  pods: {
    metric: { name: "syszap_connections" },
    target: { type: "AverageValue", averageValue: fromValues("wsGateway.connectionsPerPod") },
  },
};

const scaleTargetOf = (component: Component) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  name: fullName(component),
});

const autoscalerOf = (component: Component, metrics: Metrics = [processor]): IHorizontalPodAutoscaler => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: fullName(component), labels: labelsOf(component) },
  spec: {
    scaleTargetRef: scaleTargetOf(component),
    minReplicas: fromValues(`${component.key}.minReplicas`),
    maxReplicas: fromValues(`${component.key}.maxReplicas`),
    metrics,
    // A gateway that stops makes its browsers reconnect, so few stop at a time.
    behavior: {
      scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: "Pods", value: 1, periodSeconds: 120 }] },
    },
  },
});

/** All workers report the same queue, so the query takes the maximum. */
const workersByQueue: IScaledObject = {
  apiVersion: "keda.sh/v1alpha1",
  kind: "ScaledObject",
  metadata: { name: fullName(messageWorker), labels: labelsOf(messageWorker) },
  spec: {
    scaleTargetRef: scaleTargetOf(messageWorker),
    minReplicaCount: fromValues("messageWorker.minReplicas"),
    maxReplicaCount: fromValues("messageWorker.maxReplicas"),
    cooldownPeriod: 600,
    triggers: [
      {
        type: "prometheus",
        metadata: {
          serverAddress: fromValues("keda.prometheus"),
          query: `max(syszap_worker_queue_jobs{state="waiting"})`,
          threshold: fromValues("keda.jobsPerWorker"),
        },
      },
    ],
  },
};

export const scalingTemplates: Record<string, Template> = {
  autoscalers: { objects: [webApp, restApi, webhookSender].map((component) => autoscalerOf(component)) },
  "autoscaler-gateway": { unless: "wsGateway.scaleByConnections", objects: [autoscalerOf(wsGateway)] },
  "autoscaler-gateway-connections": {
    when: "wsGateway.scaleByConnections",
    objects: [autoscalerOf(wsGateway, [processor, connections])],
  },
  "autoscaler-worker": { unless: "keda.enabled", objects: [autoscalerOf(messageWorker)] },
  "autoscaler-worker-queue": { when: "keda.enabled", objects: [workersByQueue] },
};
