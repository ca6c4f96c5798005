import type { Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { UnknownPayload } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";

interface UnknownPayloadsDependencies {
  database: Database;
  metrics: Pick<ConnectorMetrics, "unknownPayloads">;
  log: Logger;
}

const maxInProgress = 100;
/** Metric labels per session. Further shapes are counted as "other". */
const maxShapes = 30;

/** Counts payloads of unknown shape and stores them raw. Bounded in count, memory and label values; never delays a message. */
export class UnknownPayloads {
  private readonly shapes = new Set<string>();
  private inProgress = 0;
  private isOpen = false;
  private waiting: UnknownPayload[] = [];

  constructor(
    private readonly lease: Lease,
    private readonly dependencies: UnknownPayloadsDependencies,
  ) {}

  /** Starts storing, with the payloads received before. Until then it is not certain that they belong to this session. */
  open(): void {
    this.isOpen = true;
    for (const payload of this.waiting.splice(0)) this.store(payload);
  }

  /** Never throws. A payload that cannot be stored now is only counted. */
  accept(payload: UnknownPayload): void {
    const { kind, shape } = payload;
    this.dependencies.metrics.unknownPayloads.inc({ kind, shape: this.labelOf(shape) });
    if (this.isOpen) this.store(payload);
    else if (this.waiting.length < maxInProgress) this.waiting.push(payload);
  }

  private store({ kind, shape, waKey, raw }: UnknownPayload): void {
    const { database, log } = this.dependencies;
    if (this.inProgress >= maxInProgress || !this.lease.mayAct) return;
    this.inProgress += 1;
    const { companyId, sessionId } = this.lease;
    database
      .withCompany(companyId, ({ unknownPayloads }) =>
        unknownPayloads.keep({ sessionId, kind, shape, waKey: waKey ?? null, payload: raw }),
      )
      .then((isStored) => {
        if (!isStored) log.debug({ kind, shape }, "unknown payload not stored: daily limit reached");
      })
      .catch((err: unknown) => log.warn({ err, kind, shape }, "unknown payload not stored"))
      .finally(() => {
        this.inProgress -= 1;
      });
  }

  private labelOf(shape: string): string {
    if (this.shapes.size < maxShapes) this.shapes.add(shape);
    return this.shapes.has(shape) ? shape : "other";
  }
}
