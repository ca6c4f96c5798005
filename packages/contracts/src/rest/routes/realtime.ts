import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { BroadcastRequest, PageRequest } from "../requests.ts";
import { RealtimeStats, RealtimeTicket } from "../resources.ts";

export const realtimeRoutes = {
  createRealtimeTicket: {
    ...endpoints.createRealtimeTicket,
    tag: "Realtime",
    summary: "Create a ticket that opens one WebSocket within 30 seconds",
    caller: "member",
    scopes: ["read"],
    answer: { status: 200, description: "The ticket, and the cursor to connect from.", body: RealtimeTicket },
    problems: [429],
  },
  getRealtimeStats: {
    ...endpoints.getRealtimeStats,
    tag: "Realtime",
    summary: "List open connections on all gateways: those of the company, or of all companies for an operator",
    caller: "manager_or_operator",
    query: PageRequest,
    answer: { status: 200, description: "The connections, at most a few seconds old.", body: RealtimeStats },
  },
  broadcast: {
    ...endpoints.broadcast,
    tag: "Realtime",
    summary: "Show a notice on all open pages of a company, of one user, or (operators only) of everyone",
    caller: "manager_or_operator",
    body: BroadcastRequest,
    answer: { status: 202, description: "Sent to all clients that are connected now. It is not delivered later." },
    problems: [404, 429],
  },
} as const satisfies Record<string, RouteDefinition>;
