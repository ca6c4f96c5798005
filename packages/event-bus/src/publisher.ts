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
import type { Cluster, Redis } from "ioredis";
import { type BusLog, guarded } from "./errors.ts";
import { encodeAudience, type Position, parseCursor, toCursor } from "./header.ts";
import { noteRightsChange, revokeLogins } from "./presence/revocations.ts";
import { clearLinkCodeScript, ephemeralScript, linkCodeScript, raiseFenceScript } from "./scripts/ephemeral-script.ts";
import { headScript, publishScript, restartUnlessKnownScript } from "./scripts/publish-script.ts";

/** The owner of a session by its lease: what an older generation says is refused. */
export interface Fence {
  sessionId: string;
  generation: number;
}

/** Events per script call: one atomic step that must not keep Redis busy for long. */
const batchSize = 64;
const broadcastExpiresInMs = 60_000;
/** Codes that link a phone. They are stored so that a later request can read them. */
type LinkCodeType = "qr_code" | "pairing_code";
/** Types that may be sent to every user of a company. */
type OpenType = Exclude<EphemeralType, LinkCodeType>;
/** Such a code is a credential: it goes to one user or to session managers, never to a whole company. */
const managersOnly: Audience = { kind: "role", roles: [...sessionManagers] };

/** Publishes for whoever holds the command connection. Every method throws `BusUnavailableError` while Redis can't serve. */
export class Publisher {
  constructor(
    private readonly redis: Redis | Cluster,
    private readonly log: BusLog,
  ) {}

  /** In the order given. An id of the last ten minutes is not published again: its first position is returned. */
  publishDurable(companyId: string, events: DurableEvent[]): Promise<Position[]> {
    return this.append(channels.company(companyId), events);
  }

  /** Publishes what this Redis does not know any more, in the order given; answers which that was. */
  async publishLost(companyId: string, events: DurableEvent[]): Promise<DurableEvent[]> {
    const links = events.map(newLink);
    const positions = await this.append(channels.company(companyId), events, links);
    return events.filter((_, index) => positions[index]?.link === links[index]);
  }

  /** True when one of the ids is not known: then the company's log began anew, and whoever holds a place in it is told to refetch. */
  async restartUnlessKnown(companyId: string, eventIds: readonly string[]): Promise<boolean> {
    const names = logKeys(channels.company(companyId));
    return (await restartUnlessKnownScript.run(this.redis, names, [newLink(), ...eventIds])) === 1;
  }

  /** False when a newer owner of the session has spoken: the caller has lost its lease. */
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

  /** Keeps the code for those who ask later and shows it now, in one step. False as above. */
  publishQr(companyId: string, event: EphemeralEvent<"qr_code">, options: Fence & { ttlMs: number }): Promise<boolean> {
    return this.showLinkCode(companyId, event, { ...options, key: keys.qr(companyId, options.sessionId) });
  }

  /** The code that can be scanned now. */
  async currentQr(companyId: string, sessionId: string): Promise<DataOf<"qr_code"> | undefined> {
    const kept = await this.keptLinkCode(keys.qr(companyId, sessionId));
    return kept === undefined ? undefined : catalog.qr_code.data.parse(kept);
  }

  /** False when a newer owner's code stands there now: it stays. */
  clearQr(companyId: string, sessionId: string, generation: number): Promise<boolean> {
    return this.clearLinkCode(companyId, { sessionId, generation }, keys.qr(companyId, sessionId));
  }

  /** As `publishQr`, for a code that is typed on the phone. */
  publishPairingCode(
    companyId: string,
    event: EphemeralEvent<"pairing_code">,
    options: Fence & { ttlMs: number },
  ): Promise<boolean> {
    return this.showLinkCode(companyId, event, { ...options, key: keys.pairingCode(companyId, options.sessionId) });
  }

  /** The code that can be typed on the phone now. */
  async currentPairingCode(companyId: string, sessionId: string): Promise<DataOf<"pairing_code"> | undefined> {
    const kept = await this.keptLinkCode(keys.pairingCode(companyId, sessionId));
    return kept === undefined ? undefined : catalog.pairing_code.data.parse(kept);
  }

  /** As `clearQr`. */
  clearPairingCode(companyId: string, sessionId: string, generation: number): Promise<boolean> {
    return this.clearLinkCode(companyId, { sessionId, generation }, keys.pairingCode(companyId, sessionId));
  }

  /** Called at once after claiming a session, so that its old owner is refused even before the new one speaks. */
  async raiseFence(companyId: string, sessionId: string, generation: number): Promise<boolean> {
    return (await raiseFenceScript.run(this.redis, [keys.fence(companyId)], [sessionId, generation])) === 1;
  }

  /** To every browser of every company (R11). */
  async broadcastToAll(data: DataOf<"announcement">): Promise<void> {
    const frame = ephemeralFrame({ type: "announcement", audience: wholeCompany, data });
    await ephemeralScript.run(
      this.redis,
      [channels.everyone, channels.everyone],
      ["", "", broadcastExpiresInMs, encodeAudience(wholeCompany), frame],
    );
  }

  /** To every browser of one company, whatever audience the event names. */
  async broadcastToCompany(companyId: string, event: EphemeralEvent<OpenType>): Promise<void> {
    await this.publishEphemeral(companyId, { ...event, audience: wholeCompany }, { expiresInMs: broadcastExpiresInMs });
  }

  /** To every browser of one user, whatever audience the event names. */
  async broadcastToUser(companyId: string, userId: string, event: EphemeralEvent<OpenType>): Promise<void> {
    const audience: Audience = { kind: "user", userId };
    await this.publishEphemeral(companyId, { ...event, audience }, { expiresInMs: broadcastExpiresInMs });
  }

  /** Closes sockets on every gateway within a second. It has a log and a chain, so a gateway knows when it missed one.
   * A user who is disconnected (disabled, another role) can't resume from before. Revoke the logins too where they end. */
  async controlGateways(command: ControlCommand): Promise<void> {
    if (command.kind === "disconnect_user") {
      const seq = Number.parseInt(await this.head(command.companyId), 10);
      await noteRightsChange(this.redis, command.companyId, { userId: command.userId, seq });
    }
    await this.append(channels.control, [
      { type: "control", id: randomUUID(), version: 0, audience: wholeCompany, data: command },
    ]);
  }

  /** Logins that may no longer connect or refresh, for `forMs` (an access token's life); their open sockets are closed. */
  async revoke(companyId: string, loginIds: string[], forMs: number): Promise<void> {
    await revokeLogins(this.redis, loginIds, forMs);
    for (const loginId of loginIds) await this.controlGateways({ kind: "disconnect_login", companyId, loginId });
  }

  /** To the connector that owns the session; nobody hears it while none does. */
  async command(companyId: string, command: SessionCommand): Promise<void> {
    await this.say(channels.commands(companyId), JSON.stringify(command));
  }

  /** A hint to all connectors to look at the sessions table now. */
  async wake(): Promise<void> {
    await this.say(channels.wake, "1");
  }

  /** Where the company's log stands now; begins one when there is none. */
  async head(companyId: string): Promise<Cursor> {
    const channel = channels.company(companyId);
    const reply = (await headScript.run(this.redis, logKeys(channel), [newLink()])) as [number, string, string];
    this.noteGenesis(channel, reply[0]);
    return toCursor({ seq: Number(reply[1]), link: reply[2] });
  }

  private async showLinkCode(
    companyId: string,
    event: EphemeralEvent<LinkCodeType>,
    options: Fence & { ttlMs: number; key: string },
  ): Promise<boolean> {
    const audience: Audience = event.audience.kind === "user" ? event.audience : managersOnly;
    const passed = await linkCodeScript.run(
      this.redis,
      [keys.fence(companyId), channels.company(companyId), options.key],
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

  private async keptLinkCode(key: string): Promise<unknown> {
    const kept = await guarded(() => this.redis.get(key));
    return kept === null ? undefined : JSON.parse(kept);
  }

  private async clearLinkCode(companyId: string, fence: Fence, key: string): Promise<boolean> {
    const names = [keys.fence(companyId), key];
    return (await clearLinkCodeScript.run(this.redis, names, [fence.sessionId, fence.generation])) === 1;
  }

  private async say(channel: string, text: string): Promise<void> {
    const { redis } = this;
    await guarded<unknown>(() => (redis.isCluster ? redis.spublish(channel, text) : redis.publish(channel, text)));
  }

  private async append(channel: string, events: Appendable[], links = events.map(newLink)): Promise<Position[]> {
    const positions: Position[] = [];
    for (let from = 0; from < events.length; from += batchSize) {
      const batch = events.slice(from, from + batchSize);
      const args = batch.flatMap((event, i) => [
        ...[event.id, links[from + i] ?? newLink()],
        ...[encodeAudience(event.audience), frameBody(event)],
      ]);
      const reply = (await publishScript.run(this.redis, [...logKeys(channel), channel], [newLink(), ...args])) as [
        number,
        ...string[],
      ];
      const [isNew, ...places] = reply;
      this.noteGenesis(channel, isNew);
      positions.push(...places.map(positionOf));
    }
    return positions;
  }

  private noteGenesis(channel: string, isNew: number): void {
    if (isNew === 1) this.log.info({ channel }, "a new log begins");
  }
}

interface Appendable {
  type: string;
  id: string;
  version: number;
  audience: Audience;
  data: unknown;
}

function positionOf(place: string): Position {
  const position = parseCursor(place);
  if (!position) throw new Error(`the publish script answered ${place}, which is no position`);
  return position;
}

const newLink = () => randomBytes(8).toString("hex");
const logKeys = (channel: string) => [
  keys.head(channel),
  keys.log(channel),
  keys.once(channel),
  keys.positions(channel),
];
const fenceArguments = (fence: Fence | undefined) => (fence ? [fence.sessionId, fence.generation] : ["", ""]);

/** Without its opening brace: the script puts `{"seq":…,"cursor":"…",` there. */
const frameBody = ({ type, id, version, data }: Appendable) => JSON.stringify({ type, id, version, data }).slice(1);
const ephemeralFrame = ({ type, data }: EphemeralEvent) => JSON.stringify({ type, id: randomUUID(), data });
