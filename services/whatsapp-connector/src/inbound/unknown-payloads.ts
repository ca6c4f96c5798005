import type { Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { UnknownPayload } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import type { ConnectorMetrics } from "../metrics.ts";

interface Given {
  database: Database;
  metrics: Pick<ConnectorMetrics, "unknownPayloads">;
  log: Logger;
}

const mostUnderWay = 100;
/** Of one session: beyond, a vendor that invents shapes would fill the metrics. */
const mostShapes = 30;

/** Counts what WhatsApp said in unknown shapes and keeps it raw; never in the way of a message, and bounded in every respect. */
export class UnknownPayloads {
  private readonly shapes = new Set<string>();
  private underWay = 0;
  private isOpen = false;
  private waiting: UnknownPayload[] = [];

  constructor(
    private readonly lease: Lease,
    private readonly given: Given,
  ) {}

  /** From now on, also of what was told before: until then it may not be this session's to keep. */
  open(): void {
    this.isOpen = true;
    for (const payload of this.waiting.splice(0)) this.keep(payload);
  }

  /** Never throws. What can't be kept now is counted still. */
  accept(payload: UnknownPayload): void {
    const { kind, shape } = payload;
    this.given.metrics.unknownPayloads.inc({ kind, shape: this.counted(shape) });
    if (this.isOpen) this.keep(payload);
    else if (this.waiting.length < mostUnderWay) this.waiting.push(payload);
  }

  private keep({ kind, shape, waKey, raw }: UnknownPayload): void {
    const { database, log } = this.given;
    if (this.underWay >= mostUnderWay || !this.lease.mayAct) return;
    this.underWay += 1;
    const { companyId, sessionId } = this.lease;
    database
      .withCompany(companyId, ({ unknownPayloads }) =>
        unknownPayloads.keep({ sessionId, kind, shape, waKey: waKey ?? null, payload: raw }),
      )
      .then((isKept) => {
        if (!isKept) log.debug({ kind, shape }, "unknown payload not kept: enough for today");
      })
      .catch((err: unknown) => log.warn({ err, kind, shape }, "unknown payload not kept"))
      .finally(() => {
        this.underWay -= 1;
      });
  }

  private counted(shape: string): string {
    if (this.shapes.size < mostShapes) this.shapes.add(shape);
    return this.shapes.has(shape) ? shape : "other";
  }
}
