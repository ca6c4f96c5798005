import { maxConsumers } from "@syszap/contracts";
import { type CompanyUnit, type ConsumerPosition, type Database, type LogPage, toLogCursor } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { Request } from "express";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { LogWatcher } from "../consumers/log-watcher.ts";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";

interface ConsumerDependencies {
  database: Database;
  watcher: LogWatcher;
  log: Logger;
}
type Endpoints =
  | "listConsumers"
  | "createConsumer"
  | "removeConsumer"
  | "readConsumerEvents"
  | "acknowledgeConsumerEvents"
  | "seekConsumer";

/** Pages without a matching event that one request reads before it answers. */
const maxEmptyPages = 10;

export const consumerRoutes = ({ database, watcher, log }: ConsumerDependencies): HandlersOf<Endpoints> => ({
  listConsumers: async ({ caller }) => ({
    items: await database.withCompany(caller.companyId, ({ consumers }) => consumers.list()),
  }),

  createConsumer: async ({ body: { name, types }, caller, req }) => {
    const consumer = await database.withCompany(caller.companyId, async ({ consumers, eventLog, audit }) => {
      const isNew = (await eventLog.positionOf(name)) === undefined;
      const created = await consumers.create(name, types, maxConsumers);
      if (isNew && created !== "limit_reached")
        await audit.record(auditActorOf(caller, req), {
          action: "consumer_created",
          ...target(name),
          after: { types },
        });
      return created;
    });
    if (consumer === "limit_reached")
      throw new ProblemError("conflict", `A company can have at most ${maxConsumers} consumers. Remove one first.`);
    if (String(consumer.types) !== String(types))
      throw new ProblemError("conflict", "A consumer with this name has other types. Remove it or use another name.");
    return consumer;
  },

  removeConsumer: async ({ params: { name }, caller, req }) => {
    const { companyId, userId } = caller;
    await database.withCompany(companyId, async ({ consumers, audit }) => {
      if (!(await consumers.remove(name))) throw unknownConsumer();
      await audit.record(auditActorOf(caller, req), { action: "consumer_removed", ...target(name) });
    });
    log.info({ companyId, userId, consumer: name }, "consumer removed");
    return undefined;
  },

  readConsumerEvents: async ({ params: { name }, query, caller: { companyId }, req, res }) => {
    const mayWait = query.waitSeconds > 0;
    if (mayWait && !watcher.enter(companyId))
      throw new ProblemError("too_many", "Too many requests wait for events. Use one request per consumer at a time.", {
        headers: { "Retry-After": "1" },
      });
    try {
      const page = await new PageReader(database, watcher, req).read(companyId, name, query);
      // Known before the body has arrived, so that a fast consumer can request the next page at once.
      const next = new URLSearchParams({
        limit: String(query.limit),
        waitSeconds: String(query.waitSeconds),
        after: toLogCursor(page.logId, page.upTo),
      });
      res.links({ next: `${req.path}?${next}` });
      res.status(200).type("json").send(toJson(page));
    } finally {
      if (mayWait) watcher.leave(companyId);
    }
    return undefined;
  },

  acknowledgeConsumerEvents: ({ params: { name }, body, caller: { companyId } }) =>
    database.withCompany(companyId, async (unit) => {
      const position = positionOf(body.cursor, await startOf(unit, name));
      return requireConsumer(await unit.consumers.acknowledge(name, position));
    }),

  seekConsumer: ({ params: { name }, body: { cursor, timestamp }, caller, req }) =>
    database.withCompany(caller.companyId, async (unit) => {
      const start = await startOf(unit, name);
      const after = { cursor, timestamp };
      await unit.audit.record(auditActorOf(caller, req), { action: "consumer_moved", ...target(name), after });
      if (timestamp !== undefined) {
        const position = await unit.eventLog.positionAt(new Date(timestamp));
        return requireConsumer(await unit.consumers.seek(name, position));
      }
      const position = positionOf(cursor ?? "", start);
      const oldest = await unit.eventLog.oldestKept();
      if (position + 1 < (oldest?.position ?? start.head + 1)) throw await expired(unit, { ...start, position });
      return requireConsumer(await unit.consumers.seek(name, position));
    }),
});

/** Reads the next events of a consumer. Waits for them when there are none. */
class PageReader {
  private readonly gone = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly watcher: LogWatcher,
    req: Request,
  ) {
    req.res?.once("close", () => this.gone.abort());
  }

  async read(
    companyId: string,
    name: string,
    { limit, waitSeconds, after }: { limit: number; waitSeconds: number; after?: string | undefined },
  ): Promise<LogPage> {
    const endsAtMs = performance.now() + waitSeconds * 1_000;
    const first = await this.readOnce(companyId, name, { limit, cursor: after });
    let page = first;
    for (let emptyPages = 0; page.count === 0; emptyPages++) {
      const isCaughtUp = page.upTo >= page.head;
      if (!isCaughtUp && emptyPages >= maxEmptyPages) break;
      if (isCaughtUp) {
        emptyPages = 0;
        const timeoutMs = endsAtMs - performance.now();
        const hasEvents = await this.watcher.wait(companyId, page.upTo, { timeoutMs, signal: this.gone.signal });
        if (!hasEvents) break;
      }
      page = await this.readOnce(companyId, name, { limit, after: page.upTo });
    }
    return { ...page, after: first.after };
  }

  private readOnce(
    companyId: string,
    name: string,
    { limit, cursor, after }: { limit: number; cursor?: string | undefined; after?: number },
  ): Promise<LogPage> {
    return this.database.withCompany(companyId, async (unit) => {
      const from = cursor === undefined ? after : Number(cursor.split(".")[1]);
      const page = requireConsumer(
        await unit.eventLog.read(name, { limit, ...(from !== undefined && { after: from }) }),
      );
      if (cursor !== undefined) positionOf(cursor, page);
      if (!page.isComplete) throw await expired(unit, { ...page, position: page.after });
      return page;
    });
  }
}

function toJson({ logId, after, upTo, head, json }: LogPage): string {
  const eventsBehind = Math.max(0, head - upTo);
  const start = JSON.stringify({ from: toLogCursor(logId, after), cursor: toLogCursor(logId, upTo), eventsBehind });
  return `${start.slice(0, -1)},"events":${json}}`;
}

async function startOf(unit: CompanyUnit, name: string): Promise<ConsumerPosition> {
  return requireConsumer(await unit.eventLog.positionOf(name));
}

function requireConsumer<Found>(found: Found | undefined): Found {
  if (found === undefined) throw unknownConsumer();
  return found;
}

const target = (name: string) => ({ target: { kind: "consumer", id: name } }) as const;

const unknownConsumer = () =>
  new ProblemError("not_found", "Your company has no consumer with this name. Create it by `POST /v1/consumers`.");

function positionOf(cursor: string, { logId, head }: ConsumerPosition): number {
  const [id, position] = cursor.split(".");
  if (id === logId && Number(position) <= head) return Number(position);
  throw new ProblemError("invalid", "Use a cursor that this API returned for a consumer of your company.", {
    errors: [{ path: "cursor", message: "is not a cursor of your company's event log" }],
  });
}

/** The events after `from.position` were deleted because of their age. */
async function expired(unit: CompanyUnit, { logId, position, head }: ConsumerPosition): Promise<ProblemError> {
  const oldest = await unit.eventLog.oldestKept();
  const before = (oldest?.position ?? head + 1) - 1;
  const oldestCursor = toLogCursor(logId, before);
  return new ProblemError(
    "events_expired",
    `Older events than ${oldest?.loggedAt.toISOString() ?? "now"} are no longer kept. Read your data again by REST, ` +
      `then continue with POST …/seek {"cursor":"${oldestCursor}"}.`,
    { expired: { events: before - position, oldestCursor, oldestAt: oldest?.loggedAt.toISOString() ?? null } },
  );
}
