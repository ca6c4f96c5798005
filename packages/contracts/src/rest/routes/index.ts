import type { Operation } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { auditRoutes } from "./audit.ts";
import { companyRoutes } from "./companies.ts";
import { companySettingsRoutes } from "./company-settings.ts";
import { consumerRoutes } from "./consumers.ts";
import { deadLetterRoutes } from "./dead-letters.ts";
import { inboxRoutes } from "./inbox.ts";
import { operationRoutes } from "./operations.ts";
import { operatorRoutes } from "./operator.ts";
import { ownAccountRoutes } from "./own-account.ts";
import { pushRoutes } from "./push.ts";
import { realtimeRoutes } from "./realtime.ts";
import { operatorFactorRoutes, secondFactorRoutes } from "./second-factor.ts";
import { sendingRoutes } from "./sending.ts";
import { sessionRoutes } from "./sessions.ts";
import { signInRoutes } from "./sign-in.ts";
import { statisticsRoutes } from "./statistics.ts";
import { teamRoutes } from "./teams.ts";
import { userRoutes } from "./users.ts";
import { webhookRoutes } from "./webhooks.ts";

/** Every REST operation. The REST API mounts exactly these, and `openapi.yaml` documents them. */
export const routes = {
  ...signInRoutes,
  ...ownAccountRoutes,
  ...pushRoutes,
  ...userRoutes,
  ...auditRoutes,
  ...secondFactorRoutes,
  ...sessionRoutes,
  ...inboxRoutes,
  ...sendingRoutes,
  ...statisticsRoutes,
  ...realtimeRoutes,
  ...operatorRoutes,
  ...operatorFactorRoutes,
  ...companyRoutes,
  ...deadLetterRoutes,
  ...apiKeyRoutes,
  ...companySettingsRoutes,
  ...teamRoutes,
  ...webhookRoutes,
  ...consumerRoutes,
  ...operationRoutes,
} satisfies Record<Operation, RouteDefinition>;
export type Routes = typeof routes;
export type RouteName = keyof Routes;
