import { endpoints } from "../../constants/index.ts";
import { PushSettings, SubscribeToPushRequest } from "../accounts.ts";
import type { RouteDefinition } from "../define-route.ts";

const shared = { tag: "Own account", caller: "member" } as const;

export const pushRoutes = {
  getMyPush: {
    ...endpoints.getMyPush,
    ...shared,
    summary: "Get the key for push notices, and whether this login receives them",
    answer: { status: 200, description: "The settings.", body: PushSettings },
  },
  subscribeToPush: {
    ...endpoints.subscribeToPush,
    ...shared,
    summary: "Send push notices to this login, until it ends; replaces its earlier subscription",
    body: SubscribeToPushRequest,
    answer: { status: 204, description: "The login is subscribed." },
    problems: [409],
  },
  unsubscribeFromPush: {
    ...endpoints.unsubscribeFromPush,
    ...shared,
    summary: "Send no more push notices to this login",
    answer: { status: 204, description: "The login is not subscribed." },
  },
} as const satisfies Record<string, RouteDefinition>;
