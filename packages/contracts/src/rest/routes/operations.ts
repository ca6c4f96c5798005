import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { HealthAnswer } from "../resources.ts";

export const operationRoutes = {
  getLiveness: {
    ...endpoints.getLiveness,
    tag: "Operations",
    summary: "Liveness check",
    caller: "anyone",
    answer: { status: 200, description: "The process is running.", body: HealthAnswer },
  },
  getReadiness: {
    ...endpoints.getReadiness,
    tag: "Operations",
    summary: "Readiness check",
    caller: "anyone",
    answer: {
      status: 200,
      description: "The process can serve requests; 503 with the same body if it cannot.",
      body: HealthAnswer,
    },
  },
  getMetrics: {
    ...endpoints.getMetrics,
    tag: "Operations",
    summary: "Metrics in the text format of Prometheus",
    caller: "anyone",
    answer: { status: 200, description: "All metrics.", mediaType: "text/plain" },
  },
} as const satisfies Record<string, RouteDefinition>;
