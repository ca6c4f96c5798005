import { randomBytes, randomUUID } from "node:crypto";
import {
  type Audience,
  type ControlCommand,
  type Cursor,
  catalog,
  channels,
  type DataOf,
  type DurableEvent,
  type EphemeralEvent,
  type EphemeralType,
  keys,
  type SessionCommand,
  sessionManagers,
  wholeCompany,
} from "@syszap/contracts";
import { currentLogContext } from "@syszap/platform";
import type { Cluster, Redis } from "ioredis";
import { encodeAudience } from "./audience-codec.ts";
import { type BusLog, guarded } from "./errors.ts";
import { encodeAddress, type Position, parseCursor, toCursor } from "./header.ts";
import { logKeys } from "./log.ts";
import { restoreLogins, revokeLogins } from "./presence/revocations.ts";
import { type RightsPosition, rightsFieldsOf } from "./presence/rights.ts";
import { clearLinkCodeScript, ephemeralScript, linkCodeScript, raiseFenceScript } from "./scripts/ephemeral-script.ts";
import { defaultLogRetention, type LogRetention } from "./scripts/log-retention.ts";
import { headScript, publishScript, restartUnlessKnownScript } from "./scripts/publish-script.ts";

/** Fencing token of a session's owner. Publications of an older lease generation are refused. */
export interface Fence {
  sessionId: string;
  generation: number;
}

/** Position of a published event. A log that is started later has a greater epoch. */
export interface PublishedPosition extends Position {
  epoch: number;
}

/** Events per script call. Limits the time for which one call blocks Redis. */
const batchSize = 64;
const broadcastExpiresInMs = 60_000;
/** Codes that link a phone. They are stored so that a later request can read them. */
type LinkCodeType = "qr_code" | "pairing_code";
const linkCodeKeys = { qr_code: keys.qr, pairing_code: keys.pairingCode };
/** Types that may be sent to every user of a company. */
type OpenType = Exclude<EphemeralType, LinkCodeType>;
/** The codes are credentials: they are sent to one user or to session managers, never to the whole company. */
const managersOnly: Audience = { kind: "role", roles: [...sessionManagers] };

/** Publishes events and commands over a shared connection. Every method throws `BusUnavailableError` while Redis cannot serve. */
export class Publisher {
  constructor(
    private readonly redis: Redis | Cluster,
    private readonly log: BusLog,
    private readonly retention: LogRetention = defaultLogRetention,
  ) {}

  /**
   * Publishes events in the given order and returns their positions. An id that was published within the last ten minutes is not
   * published again; its first position is returned.
   */
  publishDurable(companyId: string, events: DurableEvent[]): Promise<PublishedPosition[]> {
    return this.append(channels.company(companyId), events);
  }

  /** Publishes the events that Redis does not know, in the given order, and returns them. */
  async publishLost(companyId: string, events: DurableEvent[]): Promise<DurableEvent[]> {
    const links = events.map(newLink);
    const positions = await this.append(channels.company(companyId), events, links);
    return events.filter((_, index) => positions[index]?.link === links[index]);
  }

  /**
   * Starts a new log for the company, so that all its clients resync, unless there are events to check and Redis knows all of them.
   * Returns true if it started one.
   */
  async restartUnlessKnown(companyId: string, eventIds: readonly string[]): Promise<boolean> {
    const names = logKeys(channels.company(companyId));
    return (await restartUnlessKnownScript.run(this.redis, names, [newLink(), ...eventIds])) === 1;
  }

  /** Returns false if a newer owner of the session has published: the caller has lost its lease. */
  async publishEphemeral(
    companyId: string,
    event: EphemeralEvent,
    options: { expiresInMs: number; fence?: Fence },
  ): Promise<boolean> {
    const passed = await ephemeralScript.run(
      this.redis,
      [keys.fence(companyId), channels.company(companyId)],
      [...fenceArguments(options.fence), options.expiresInMs, encodeAudience(event.audience), ephemeralFrame(event)],
    );
    return passed === 1;
  }

  /**
   * Stores and publishes a QR code or pairing code atomically. The audience is one user or the session managers. Returns false if
   * the caller has lost its lease.
   */
  async publishLinkCode(
    companyId: string,
    event: EphemeralEvent<LinkCodeType>,
    options: Fence & { ttlMs: number },
  ): Promise<boolean> {
    const audience: Audience = event.audience.kind === "user" ? event.audience : managersOnly;
    const key = linkCodeKeys[event.type](companyId, options.sessionId);
    const passed = await linkCodeScript.run(
      this.redis,
      [keys.fence(companyId), channels.company(companyId), key],
      [
        ...fenceArguments(options),
        options.ttlMs,
        encodeAudience(audience),
        ephemeralFrame(event),
        JSON.stringify(event.data),
      ],
    );
    return passed === 1;
  }

  /** Returns the code that is valid now. */
  async currentLinkCode<Type extends LinkCodeType>(
    companyId: string,
    type: Type,
    sessionId: string,
  ): Promise<DataOf<Type> | undefined> {
    const stored = await guarded(() => this.redis.get(linkCodeKeys[type](companyId, sessionId)));
    return stored === null ? undefined : (catalog[type].data.parse(JSON.parse(stored)) as DataOf<Type>);
  }

  /** Deletes the code. Returns false, without deleting it, if the caller has lost its lease. */
  async clearLinkCode(companyId: string, type: LinkCodeType, fence: Fence): Promise<boolean> {
    const names = [keys.fence(companyId), linkCodeKeys[type](companyId, fence.sessionId)];
    return (await clearLinkCodeScript.run(this.redis, names, fenceArguments(fence))) === 1;
  }

  /** Called directly after a session is claimed, so that the previous owner is refused before the new owner publishes. */
  async raiseFence(companyId: string, sessionId: string, generation: number): Promise<boolean> {
    return (await raiseFenceScript.run(this.redis, [keys.fence(companyId)], [sessionId, generation])) === 1;
  }

  /** Sends an announcement to all clients of all companies. */
  async broadcastToAll(data: DataOf<"announcement">): Promise<void> {
    const frame = ephemeralFrame({ type: "announcement", audience: wholeCompany, data });
    await ephemeralScript.run(
      this.redis,
      [channels.everyone, channels.everyone],
      ["", "", broadcastExpiresInMs, encodeAudience(wholeCompany), frame],
    );
  }

  /** Sends an event to all clients of one company, regardless of the event's audience. */
  async broadcastToCompany(companyId: string, event: EphemeralEvent<OpenType>): Promise<void> {
    await this.publishEphemeral(companyId, { ...event, audience: wholeCompany }, { expiresInMs: broadcastExpiresInMs });
  }

  /** Sends an event to all clients of one user, regardless of the event's audience. */
  async broadcastToUser(companyId: string, userId: string, event: EphemeralEvent<OpenType>): Promise<void> {
    const audience: Audience = { kind: "user", userId };
    await this.publishEphemeral(companyId, { ...event, audience }, { expiresInMs: broadcastExpiresInMs });
  }

  /**
   * Sends a command to all gateways, which close the sockets concerned within a second. The channel has a log, so gateways detect
   * missed commands. Revoke logins that end as well. The command is not durable: when the rights of users change, emit
   * `access_changed` in the transaction of the change instead. `disconnect_user` publishes that event too.
   */
  async controlGateways(command: ControlCommand): Promise<void> {
    if (command.kind === "disconnect_user") await this.publishAccessChange(command.companyId, command.userId);
    await this.append(channels.control, [
      { type: "control", id: randomUUID(), version: 0, audience: wholeCompany, data: command },
    ]);
  }

  /** Revokes logins for `forMs` (the lifetime of an access token) and closes their sockets. */
  async revoke(companyId: string, loginIds: string[], forMs: number): Promise<void> {
    await revokeLogins(this.redis, loginIds, forMs);
    for (const loginId of loginIds) await this.controlGateways({ kind: "disconnect_login", companyId, loginId });
  }

  /**
   * Closes all sockets of a suspended company, and refuses new ones for `forMs` (the lifetime of an access token). REST refuses the
   * company's logins and API keys for longer, so that nobody gets another token.
   */
  async closeCompany(companyId: string, forMs: number): Promise<void> {
    await revokeLogins(this.redis, [companyId], forMs);
    await this.controlGateways({ kind: "disconnect_company", companyId });
  }

  /** Accepts sockets of a reopened company again. */
  async reopenCompany(companyId: string): Promise<void> {
    await restoreLogins(this.redis, [companyId]);
  }

  /**
   * Sends a command to the connector that owns the session. It is lost while no connector does. The connector logs it with the id of
   * the request that is in progress here.
   */
  async command(companyId: string, command: SessionCommand): Promise<void> {
    const { requestId } = currentLogContext();
    await this.publish(channels.commands(companyId), JSON.stringify({ ...command, requestId }));
  }

  /** Hints to all connectors to read the sessions table now. */
  async wake(): Promise<void> {
    await this.publish(channels.wake, "1");
  }

  /** Returns the current head of the company's log. Starts a log if there is none. */
  async head(companyId: string): Promise<Cursor> {
    return (await this.headPosition(companyId)).cursor;
  }

  /** Like `head`, also as the position at which rights that are read afterwards are at least as new. */
  async headPosition(companyId: string): Promise<{ cursor: Cursor; rights: RightsPosition }> {
    const channel = channels.company(companyId);
    const reply = await headScript.run(this.redis, logKeys(channel), [newLink()]);
    const [isNew, seq, link, epoch] = reply as [number, string, string, string];
    this.noteGenesis(channel, isNew);
    const position = { seq: Number(seq), link };
    return { cursor: toCursor(position), rights: { epoch: Number(epoch), seq: position.seq } };
  }

  private async publishAccessChange(companyId: string, userId: string): Promise<void> {
    const audience: Audience = { kind: "user", userId };
    const data = { timestamp: new Date().toISOString() };
    await this.publishDurable(companyId, [{ type: "access_changed", id: randomUUID(), version: 0, audience, data }]);
  }

  private async publish(channel: string, text: string): Promise<void> {
    const { redis } = this;
    await guarded<unknown>(() => (redis.isCluster ? redis.spublish(channel, text) : redis.publish(channel, text)));
  }

  private async append(
    channel: string,
    events: Appendable[],
    links = events.map(newLink),
  ): Promise<PublishedPosition[]> {
    const positions: PublishedPosition[] = [];
    for (let from = 0; from < events.length; from += batchSize) {
      const batch = events.slice(from, from + batchSize);
      const args = batch.flatMap((event, index) => [
        event.id,
        links[from + index] ?? newLink(),
        encodeAddress(event),
        rightsFieldsOf(event),
        frameBody(event),
      ]);
      const { windowMs, maxBytes } = this.retention;
      const reply = (await publishScript.run(
        this.redis,
        [...logKeys(channel), channel],
        [newLink(), windowMs, maxBytes, ...args],
      )) as [number, string, ...string[]];
      const [isNew, epoch, ...cursors] = reply;
      this.noteGenesis(channel, isNew);
      positions.push(...cursors.map((cursor) => ({ ...positionOf(cursor), epoch: Number(epoch) })));
    }
    return positions;
  }

  private noteGenesis(channel: string, isNew: number): void {
    if (isNew === 1) this.log.info({ channel }, "started a new log");
  }
}

interface Appendable {
  type: string;
  id: string;
  version: number;
  audience: Audience;
  data: unknown;
}

function positionOf(cursor: string): Position {
  const position = parseCursor(cursor);
  if (!position) throw new Error(`the publish script returned an invalid cursor: ${cursor}`);
  return position;
}

const newLink = () => randomBytes(8).toString("hex");
const fenceArguments = (fence: Fence | undefined) => (fence ? [fence.sessionId, fence.generation] : ["", ""]);

/** The frame without its opening brace: the script prepends `{"seq":…,"cursor":"…",`. */
const frameBody = ({ type, id, version, data }: Appendable) => JSON.stringify({ type, id, version, data }).slice(1);
const ephemeralFrame = ({ type, data }: EphemeralEvent) => JSON.stringify({ type, id: randomUUID(), data });
