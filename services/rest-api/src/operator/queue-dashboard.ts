import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import { queues, summarizePayload } from "@syszap/contracts";
import type { OperatorRepository } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { Queue } from "bullmq";
import { type RequestHandler, Router } from "express";
import helmet from "helmet";
import type { Redis } from "ioredis";
import type { Tokens } from "../auth/tokens.ts";
import { ProblemError } from "../problem.ts";
import { dashboardPath, readDashboardCookie } from "./dashboard-cookie.ts";

interface DashboardParts {
  /** Has the role "queue-producer". */
  queueRedis: Redis;
  operators: Pick<OperatorRepository, "find">;
  tokens: Tokens;
  log: Logger;
}

/**
 * Bull Board over the queue of inbound jobs, for an operator's browser that holds the dashboard's cookie. It only reads: nothing
 * but GET passes, so no foreign page can make it do anything, and jobs come back by their dead letters alone. Payloads are shown
 * as their summaries.
 */
export function queueDashboard({ queueRedis, operators, tokens, log }: DashboardParts): Router {
  const queue = new Queue(queues.inboundMessages, { connection: queueRedis });
  queue.on("error", (err) => log.debug({ err }, "queue dashboard lost its connection"));
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
  router.use(dashboardPath, onlyRead, admit(operators, tokens), pageHeaders, board.getRouter());
  return router;
}

const onlyRead: RequestHandler = (req, _res, next) => {
  if (req.method !== "GET" && req.method !== "HEAD")
    throw new ProblemError("method_not_allowed", "The queue dashboard only reads. Redrive dead letters instead.", {
      headers: { Allow: "GET, HEAD" },
    });
  next();
};

/** Asks for each request whether this operator still is one. */
function admit(operators: Pick<OperatorRepository, "find">, tokens: Tokens): RequestHandler {
  return async (req, res, next) => {
    res.locals.operation = "queueDashboard";
    const operatorId = await tokens.verifyDashboard(readDashboardCookie(req)).then(
      ({ sub }) => sub,
      () => undefined,
    );
    if (operatorId === undefined || !(await operators.find(operatorId)))
      throw new ProblemError("unauthenticated", "Open the queue dashboard from the operators' page.");
    next();
  };
}

/** The one page that this API serves: its own scripts, and nothing from elsewhere. */
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
