import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { BroadcastRequest, PageRequest } from "../requests.ts";
import { RealtimeStats, RealtimeTicket } from "../resources.ts";

export const realtimeRoutes = {
  createRealtimeTicket: {
    ...endpoints.createRealtimeTicket,
    tag: "Realtime",
    summary: "A ticket that opens one WebSocket within 30 seconds",
    caller: "member",
    scopes: ["read"],
    answer: { status: 200, description: "Ticket, and the cursor to connect from.", body: RealtimeTicket },
    problems: [429],
  },
  getRealtimeStats: {
    ...endpoints.getRealtimeStats,
    tag: "Realtime",
    summary: "Open connections over all gateways: the company's, or for an operator those of all companies",
    caller: "manager_or_operator",
    query: PageRequest,
    answer: { status: 200, description: "At most a few seconds old.", body: RealtimeStats },
  },
  broadcast: {
    ...endpoints.broadcast,
    tag: "Realtime",
    summary: "Show a notice on every open page of a company, of one person, or (operators only) of everyone",
    caller: "manager_or_operator",
    body: BroadcastRequest,
    answer: { status: 202, description: "It is on its way to whoever is connected now; nobody gets it later." },
    problems: [404, 429],
  },
} as const satisfies Record<string, RouteDefinition>;
