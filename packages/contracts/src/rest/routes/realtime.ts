import type { RouteDefinition } from "../define-route.ts";
import { RealtimeStats, RealtimeTicket } from "../resources.ts";

export const realtimeRoutes = {
  createRealtimeTicket: {
    method: "post",
    path: "/v1/realtime/ticket",
    tag: "Realtime",
    summary: "A ticket that opens one WebSocket within 30 seconds",
    caller: "member",
    answer: { status: 200, description: "Ticket, and the cursor to connect from.", body: RealtimeTicket },
    problems: [429],
  },
  getRealtimeStats: {
    method: "get",
    path: "/v1/realtime/stats",
    tag: "Realtime",
    summary: "The company's open connections, over all gateways",
    caller: "manager",
    answer: { status: 200, description: "At most a few seconds old.", body: RealtimeStats },
  },
} as const satisfies Record<string, RouteDefinition>;
