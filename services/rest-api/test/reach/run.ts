import { expect } from "vitest";
import type { Api } from "../support/api-test.ts";
import type { Shape, Step } from "./arbitraries.ts";
import { type ChangeContext, makeChange, makeMove, pick, upload } from "./changes.ts";
import { TestCompany } from "./company.ts";
import { EventLedger } from "./event-ledger.ts";
import { Reads } from "./reads.ts";
import type { RestClient } from "./rest-client.ts";
import { isChanged, Sockets } from "./sockets.ts";

export interface Environment {
  api: Api;
  rest: RestClient;
  gatewayUrls: readonly string[];
}
const consumerPath = "/v1/consumers/erp";

/** One random company with its connections. Steps are made one after the other; `together` makes two at the same time. */
export class Run {
  private readonly ledger: EventLedger;
  private readonly reads: Reads;
  private readonly sockets: Sockets;
  private steps = 0;
  private moves = 0;

  private constructor(
    private readonly environment: Environment,
    private readonly company: TestCompany,
  ) {
    this.ledger = new EventLedger(company);
    this.reads = new Reads(company, environment.rest);
    this.sockets = new Sockets({ ...environment, company, ledger: this.ledger });
  }

  static async start(environment: Environment, shape: Shape): Promise<Run> {
    const company = await TestCompany.create(environment.api, shape);
    await environment.rest.expect(200, company.owner.bearer, "POST /v1/consumers", { name: "erp" });
    const run = new Run(environment, company);
    await run.shareFiles();
    await run.publishLast();
    await run.ledger.readOn(company.views(), company.views());
    await run.sockets.openAll();
    return run;
  }

  get totals() {
    const { steps, moves, reads, sockets } = this;
    const { received, resumed, refusedResumes } = sockets;
    return { steps, moves, requests: reads.requests, received, resumed, refusedResumes };
  }

  async take(step: Step): Promise<void> {
    const { company } = this;
    const before = company.views();
    await this.execute(step);
    const after = company.views();
    await this.publishLast();
    await this.ledger.readOn(before, after);
    const lastSeq = this.ledger.events.at(-1)?.seq ?? 0;
    await this.sockets.settle({ step, before, after, lastSeq });
    if (company.people.some((person) => isChanged(person, before, after))) await this.reads.checkLinks();
    this.steps += 1;
  }

  /** Everything that was published must be in the log that consumers of owners and admins read. */
  async finish(): Promise<void> {
    const expected = this.ledger.events.flatMap(({ id, type }) => (type === "access_changed" ? [] : id));
    const read: string[] = [];
    for (let after = ""; read.length < expected.length; ) {
      const path = `${consumerPath}/events?limit=500&waitSeconds=5${after}`;
      const { cursor, events } = await this.environment.rest.expect(200, this.company.owner.bearer, `GET ${path}`);
      read.push(...events.map(({ id }: { id: string }) => id));
      after = `&after=${cursor}`;
    }
    expect(read, "events of a consumer").toEqual(expected);
  }

  close(): Promise<void> {
    return this.sockets.closeAll();
  }

  private async execute(step: Step): Promise<void> {
    const { company } = this;
    const { rest } = this.environment;
    const context: ChangeContext = { company, rest, isAlone: step.kind !== "together" };
    switch (step.kind) {
      case "together":
        this.moves += 1;
        await Promise.all([makeMove(company, rest, step.move), makeChange(context, step.change)]);
        return;
      case "message":
      case "picture":
      case "group":
      case "send":
      case "mark read":
        return makeChange(context, step);
      case "upload":
        return upload(company, rest, pick(company.people, step.person));
      case "link":
        return this.reads.link(step.person, step.file);
      case "read":
        return this.reads.take(step);
      case "open":
      case "sleep":
      case "wake":
      case "take ticket":
      case "use ticket":
        return this.sockets.take(step);
      default:
        this.moves += 1;
        return makeMove(company, rest, step);
    }
  }

  /** Each file is in a chat, and each person who sees the chat has a link to the file from before all moves. */
  private async shareFiles(): Promise<void> {
    const { company, environment } = this;
    const context: ChangeContext = { company, rest: environment.rest, isAlone: true };
    for (const file of company.files.keys()) {
      await makeChange(context, { kind: "message", chat: file, file, isMention: false });
      for (const person of company.people.keys()) await this.reads.link(person, file);
    }
  }

  /** Publishes an event for everybody. A connection that received it has received everything before it. */
  private async publishLast(): Promise<void> {
    const { api, id, announced } = this.company;
    const version = 1_000 + this.ledger.events.length;
    await api.database.withCompany(id, async ({ emit }) => announced && emit.sessionStatus({ ...announced, version }));
  }
}
