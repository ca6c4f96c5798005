import { type Cursor, closeCodes } from "@syszap/contracts";
import { expect } from "vitest";
import type { Step } from "./arbitraries.ts";
import { pick } from "./changes.ts";
import type { Person, TestCompany, Views } from "./company.ts";
import type { EventLedger } from "./event-ledger.ts";
import type { RestClient } from "./rest-client.ts";
import { type Credentials, WatchedSocket } from "./watched-socket.ts";

const maxOpen = 12;
/** Tickets expire after 30 s. */
const ticketUseMs = 15_000;

/** A closed connection, whose cursor can be used any number of times. */
interface Sleeper {
  person: Person;
  isKey: boolean;
  cursor: Cursor;
}
interface Ticket {
  person: Person;
  ticket: string;
  takenAt: number;
  /** Position of the newest event when it was issued. */
  seq: number;
}
interface Context {
  company: TestCompany;
  rest: RestClient;
  ledger: EventLedger;
  gatewayUrls: readonly string[];
}
/** A step that is done: the views around it, and the position of the event that was published last. */
export interface DoneStep {
  step: Step;
  before: Views;
  after: Views;
  lastSeq: number;
}

/**
 * The connections of a run, and what each must receive:
 * - Of an event, the people who could see its chat when it was committed receive it once, in order, and nobody else does.
 * - A change of what a person sees, or of its role, account or teams, ends all its connections on all gateways. They receive nothing that
 *   is published after the change, and the connections of people whom the change cannot concern stay.
 * - A cursor or ticket from before such a change gives access to no event that was published before the new connection.
 */
export class Sockets {
  private open: WatchedSocket[] = [];
  private readonly sleepers: Sleeper[] = [];
  private readonly tickets: Ticket[] = [];
  /** Position after the last change that must, and that may, end connections of a person. */
  private readonly changedAt = new Map<Person, number>();
  private readonly touchedAt = new Map<Person, number>();
  private keysTouchedAt = 0;
  received = 0;
  refusedResumes = 0;
  resumed = 0;

  constructor(private readonly context: Context) {}

  /** Opens a connection of each person. */
  async openAll(): Promise<void> {
    for (const [index, person] of this.context.company.people.entries())
      await this.connect(person, { gateway: index, isKey: false });
  }

  async take(step: Step): Promise<void> {
    const { company } = this.context;
    if (step.kind === "open") {
      const person = pick(company.people, step.person);
      await this.connect(person, { ...step });
    } else if (step.kind === "sleep" && this.open.length > 0) {
      const socket = pick(this.open, step.socket);
      await socket.close();
      this.remove(socket);
    } else if (step.kind === "wake" && this.sleepers.length > 0) {
      const { person, isKey, cursor } = pick(this.sleepers, step.socket);
      await this.connect(person, { gateway: step.gateway, isKey, since: cursor });
    } else if (step.kind === "take ticket") await this.takeTicket(pick(company.people, step.person));
    else if (step.kind === "use ticket" && this.tickets.length > 0)
      await this.useTicket(pick(this.tickets, step.ticket), step.gateway);
  }

  /** Waits until the step has taken effect on all connections, and checks what they received. */
  async settle(done: DoneStep): Promise<void> {
    const { step, before, after, lastSeq } = done;
    const move = step.kind === "together" ? step.move : step;
    for (const person of this.context.company.people) {
      if (isChanged(person, before, after)) this.changedAt.set(person, lastSeq);
      if (isChanged(person, before, after) || mayTouch(move, person)) this.touchedAt.set(person, lastSeq);
    }
    if (move.kind in movesOfAgents) this.keysTouchedAt = lastSeq;
    for (const socket of [...this.open]) {
      await socket.reached(lastSeq);
      if (socket.endedWith === undefined) this.checkOpen(socket, lastSeq);
      else this.checkEnded(socket, lastSeq);
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.open.map((socket) => socket.close()));
    for (const socket of this.open) this.remove(socket);
  }

  private checkOpen(socket: WatchedSocket, lastSeq: number): void {
    const mustEnd = this.changedAt.get(socket.person) === lastSeq;
    expect(mustEnd, `the step must end a connection of ${nameOf(socket)}`).toBe(false);
    expect(socket.received, `positions on a connection of ${nameOf(socket)}`).toEqual(this.expectedBy(socket));
  }

  /** Events of the step that ended it may be missing, but not in between. */
  private checkEnded(socket: WatchedSocket, lastSeq: number): void {
    expect(socket.endedWith, "close code").toBe(closeCodes.unauthenticated);
    expect(this.isTouchedAt(socket, lastSeq), `the step may end a connection of ${nameOf(socket)}`).toBe(true);
    const expected = this.expectedBy(socket);
    expect(socket.received, `positions until the end, of ${nameOf(socket)}`).toEqual(
      expected.slice(0, socket.received.length),
    );
    expect(socket.received).not.toContain(lastSeq);
    const previous = this.context.ledger.events.findLast(({ seq, type }) => seq < lastSeq && type === "session_status");
    const due = expected.filter((seq) => seq <= (previous?.seq ?? 0));
    expect(socket.received.slice(0, due.length)).toEqual(due);
    this.remove(socket);
  }

  private async connect(
    person: Person,
    { gateway, isKey, since }: { gateway: number; isKey: boolean; since?: Cursor },
  ): Promise<void> {
    if (this.open.length >= maxOpen) return;
    const credentials: Credentials | undefined = isKey ? { key: person.key } : await this.ticketOf(person);
    if (!credentials) return;
    const socket = new WatchedSocket(pick(this.context.gatewayUrls, gateway), person, credentials, since);
    await socket.admitted();
    if (person.isDisabled) expect(socket.endedWith, "status of a disabled user").toBe(401);
    else this.admit(socket, since === undefined ? undefined : seqOf(since));
  }

  private admit(socket: WatchedSocket, since: number | undefined): void {
    expect(socket.endedWith, `end of a new connection of ${nameOf(socket)}`).toBeUndefined();
    const start = seqOf(socket.cursor);
    if (since !== undefined && (this.changedAt.get(socket.person) ?? 0) > since) {
      this.refusedResumes += 1;
      expect(socket.isRecovered, "a cursor from before a change is resumed").toBe(false);
    } else if (since !== undefined && !this.isTouchedSince(socket, since)) {
      this.resumed += 1;
      expect(socket.isRecovered, "a cursor is resumed").toBe(true);
    }
    socket.from = socket.isRecovered && since !== undefined ? since : start;
    this.open.push(socket);
  }

  private async ticketOf(person: Person): Promise<{ ticket: string } | undefined> {
    const { status, body } = await this.context.rest.request(person.user.bearer, "POST /v1/realtime/ticket");
    expect(status, "status of a ticket").toBe(person.isDisabled ? 401 : 200);
    return status === 200 ? { ticket: body.ticket } : undefined;
  }

  private async takeTicket(person: Person): Promise<void> {
    const ticket = await this.ticketOf(person);
    const seq = this.context.ledger.events.at(-1)?.seq ?? 0;
    if (ticket) this.tickets.push({ ...ticket, person, seq, takenAt: Date.now() });
  }

  private async useTicket(kept: Ticket, gateway: number): Promise<void> {
    this.tickets.splice(this.tickets.indexOf(kept), 1);
    const { person, ticket, seq, takenAt } = kept;
    if (Date.now() - takenAt > ticketUseMs || this.open.length >= maxOpen) return;
    const socket = new WatchedSocket(pick(this.context.gatewayUrls, gateway), person, { ticket });
    await socket.admitted();
    if ((this.changedAt.get(person) ?? 0) > seq) {
      expect([closeCodes.unauthenticated, 401], "end of a ticket from before a change").toContain(socket.endedWith);
      expect(socket.received, "events for a ticket from before a change").toEqual([]);
    } else if (!this.isTouchedSince(socket, seq)) this.admit(socket, undefined);
    else await socket.close();
  }

  private expectedBy({ person, from }: WatchedSocket): number[] {
    return this.context.ledger.expectedBy(person, from);
  }

  private touchOf({ person, isKey }: WatchedSocket): number {
    return Math.max(this.touchedAt.get(person) ?? 0, isKey ? this.keysTouchedAt : 0);
  }
  private isTouchedSince(socket: WatchedSocket, seq: number): boolean {
    return this.touchOf(socket) > seq;
  }
  private isTouchedAt(socket: WatchedSocket, seq: number): boolean {
    return this.touchOf(socket) === seq;
  }

  private remove(socket: WatchedSocket): void {
    this.open = this.open.filter((other) => other !== socket);
    this.received += socket.received.length;
    const { person, isKey, cursor } = socket;
    if (cursor !== undefined) this.sleepers.push({ person, isKey, cursor });
  }
}

/** Moves that may concern every agent. An API key has the role agent, also if an owner created it. */
const movesOfAgents = { "teams of session": true, "agents see": true };

/** True if the move may end connections of the person although the person sees the same as before. */
function mayTouch(move: Step, person: Person): boolean {
  return move.kind in movesOfAgents && person.role === "agent";
}

export function isChanged(person: Person, before: Views, after: Views): boolean {
  const [old, now] = [before.get(person), after.get(person)];
  if (!old || !now) throw new Error("a person has no view");
  return (
    old.rights !== now.rights ||
    old.sees.size !== now.sees.size ||
    [...old.sees].some((session) => !now.sees.has(session))
  );
}

const seqOf = (cursor: Cursor | undefined): number => Number.parseInt(cursor ?? "0", 10);
const nameOf = ({ person, isKey }: WatchedSocket) =>
  `${isKey ? "the key of " : ""}the ${person.role} ${person.user.userId}`;
