import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { HealthAnswer } from "../resources.ts";

export const operationRoutes = {
  getLiveness: {
    ...endpoints.getLiveness,
    tag: "Operations",
    summary: "The process answers",
    caller: "anyone",
    answer: { status: 200, description: "It does.", body: HealthAnswer },
  },
  getReadiness: {
    ...endpoints.getReadiness,
    tag: "Operations",
    summary: "The process can serve requests",
    caller: "anyone",
    answer: { status: 200, description: "It can; 503 with the same body when it can't.", body: HealthAnswer },
  },
  getMetrics: {
    ...endpoints.getMetrics,
    tag: "Operations",
    summary: "Metrics in Prometheus' text format",
    caller: "anyone",
    answer: { status: 200, description: "All metrics.", mediaType: "text/plain" },
  },
} as const satisfies Record<string, RouteDefinition>;
