import type { Session, SessionDetail } from "@syszap/contracts";
import { type StandIn, startStandIn } from "@syszap/whatsapp-web-stand-in";
import type { ConnectorProcess } from "../connector-process.ts";
import { hostsOf, runOf } from "../processes.ts";
import { deadlineMs } from "../recorded-events.ts";
import type { TestEnvironment } from "../test-environment.ts";

type Phone = ReturnType<StandIn["phone"]>;

/** A session of the real engine that is linked to a phone of the stand-in, on any connector. */
export class LinkedBrowser {
  readonly standIn: StandIn;
  readonly phone: Phone;
  readonly companyId: string;
  readonly session: Session;

  private constructor(
    private readonly environment: TestEnvironment,
    of: { standIn: StandIn; phone: Phone; companyId: string; session: Session },
  ) {
    this.standIn = of.standIn;
    this.phone = of.phone;
    this.companyId = of.companyId;
    this.session = of.session;
  }

  /** `start` starts the connector. */
  static async link(environment: TestEnvironment, start: (env: { WHATSAPP_WEB_STAND_IN: string }) => Promise<unknown>) {
    const standIn = await startStandIn();
    const phone = standIn.phone("5511999990000", "Padaria");
    const companyId = await environment.company();
    const session = await environment.session(companyId, { engine: "wppconnect" });
    await start({ WHATSAPP_WEB_STAND_IN: standIn.address });
    await environment.events.next(
      ({ event: { data } }) => (data as { detail?: string }).detail === "starting",
      deadlineMs,
    );
    const { event } = await environment.events.next(({ event: { type } }) => type === "qr_code", deadlineMs);
    const linked = new LinkedBrowser(environment, { standIn, phone, companyId, session });
    standIn.scan((event.data as { raw: string }).raw, phone);
    await linked.status("connected");
    return linked;
  }

  /** Awaits the next status with this detail. */
  async status(detail: SessionDetail): Promise<void> {
    await this.environment.events.next(
      ({ event }) => event.type === "session_status" && (event.data as { detail?: string }).detail === detail,
      deadlineMs,
    );
  }

  get codesShown(): number {
    return this.environment.events.all.filter(({ event }) => event.type === "qr_code").length;
  }

  async owner(): Promise<{ owner: unknown; generation: number }> {
    const [row] = await this.environment.sql("select owner, generation from session_leases where session_id = $1", [
      this.session.id,
    ]);
    return { owner: row?.owner, generation: Number(row?.generation) };
  }

  /** The connector whose lease is valid now, by the database's clock. */
  async leaseHolder(): Promise<unknown> {
    const held = "select owner from session_leases where session_id = $1 and lease_until > clock_timestamp()";
    const [row] = await this.environment.sql(held, [this.session.id]);
    return row?.owner;
  }

  /** Returns the mark of the engine's processes, which also identifies them after their connector has ended. */
  async runOn(connector: ConnectorProcess): Promise<string> {
    const [host = 0] = await hostsOf(connector.pid);
    return runOf(host);
  }

  close(): Promise<void> {
    return this.standIn.close();
  }
}
