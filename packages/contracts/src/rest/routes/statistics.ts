import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { Statistics, StatisticsRequest } from "../statistics.ts";

export const statisticsRoutes = {
  getStatistics: {
    ...endpoints.getStatistics,
    tag: "Statistics",
    summary: "Count messages, waiting chats and answers of all chats that the caller sees",
    caller: "member",
    scopes: ["read"],
    query: StatisticsRequest,
    answer: { status: 200, description: "The statistics.", body: Statistics },
  },
} as const satisfies Record<string, RouteDefinition>;
