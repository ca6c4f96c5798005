import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import { summarizePayload } from "@syszap/contracts";
import type { OperatorFactorRule, OperatorLogins } from "@syszap/database";
import type { Queue } from "bullmq";
import { type RequestHandler, Router } from "express";
import helmet from "helmet";
import type { Tokens } from "../auth/tokens.ts";
import { ProblemError } from "../problem.ts";
import { dashboardPath, readDashboardCookie } from "./dashboard-cookie.ts";

interface DashboardDependencies {
  operatorLogins: Pick<OperatorLogins, "isActive">;
  operatorRule: OperatorFactorRule;
  queue: Queue;
  tokens: Tokens;
}

/**
 * Serves Bull Board for the queue of inbound jobs to operators with the dashboard's cookie. It is read-only: all methods other
 * than GET and HEAD are rejected, and jobs are retried only through their dead letters. Payloads are shown as summaries.
 */
export function queueDashboard({ queue, ...dependencies }: DashboardDependencies): Router {
  const adapter = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
  adapter.setFormatter("data", summarizePayload);
  adapter.setFormatter("returnValue", summarizePayload);
  adapter.setFormatter("progress", summarizePayload);
  const board = new ExpressAdapter().setBasePath(dashboardPath);
  createBullBoard({
    queues: [adapter],
    serverAdapter: board,
    options: { uiConfig: { boardTitle: "sysZap", hideRedisDetails: true } },
  });
  const router = Router();
  router.use(dashboardPath, rejectWrites, admit(dependencies), pageHeaders, board.getRouter());
  return router;
}

const rejectWrites: RequestHandler = (req, _res, next) => {
  if (req.method !== "GET" && req.method !== "HEAD")
    throw new ProblemError("method_not_allowed", "The queue dashboard is read-only. Redrive dead letters instead.", {
      headers: { Allow: "GET, HEAD" },
    });
  next();
};

/** Authenticates the cookie, and checks on every request that the login is active. */
function admit({ operatorLogins, operatorRule, tokens }: Omit<DashboardDependencies, "queue">): RequestHandler {
  return async (req, res, next) => {
    res.locals.operation = "queueDashboard";
    const login = await tokens.verifyDashboard(readDashboardCookie(req)).then(
      ({ sub: operatorId, lid: loginId }) => ({ operatorId, loginId }),
      () => undefined,
    );
    if (!login || !(await operatorLogins.isActive(login, operatorRule)))
      throw new ProblemError("unauthenticated", "Open the queue dashboard from the operator page.");
    next();
  };
}

/**
 * Headers of the only page of this API. It loads its own resources and nothing from other origins: its web font is refused. Bull
 * Board sets styles in the HTML, so inline styles are allowed here, and scripts are not.
 */
const pageHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", "data:"],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'self'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
});
