import fc from "fast-check";
import type { Knex } from "knex";
import { expect } from "vitest";
import type { Database, IssuedToken, RefreshOutcome } from "../src/index.ts";
import { openInbox, test } from "./fixtures.ts";

const runs = 60;

/** `answers`: which answers of concurrent requests arrive. The cookie becomes the one that arrives last. */
const ownerStep = fc.record({
  kind: fc.constant("owner refreshes" as const),
  answers: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
  isReversed: fc.boolean(),
});
const thiefStep = fc.oneof(
  fc.constant({ kind: "thief copies the cookie" as const }),
  fc.record({ kind: fc.constant("thief uses a token" as const), pick: fc.nat(), isConcurrent: fc.boolean() }),
);
type Step = typeof ownerStep | typeof thiefStep extends fc.Arbitrary<infer Value> ? Value : never;

/** A browser with one cookie, and a thief who keeps every token that was copied or received. */
class Actors {
  readonly owner: RefreshOutcome["kind"][] = [];
  readonly stolen: string[] = [];
  private pending: Promise<unknown>[] = [];

  constructor(
    private readonly db: Database,
    private cookie: string,
  ) {}

  async run(step: Step): Promise<void> {
    if (step.kind === "thief copies the cookie") this.stolen.push(this.cookie);
    else if (step.kind === "owner refreshes") await this.refresh(step.answers, step.isReversed);
    else if (step.isConcurrent) this.pending.push(this.steal(step.pick));
    else await this.steal(step.pick);
  }

  async settle(): Promise<void> {
    await Promise.all(this.pending);
    this.pending = [];
  }

  /** Sends one request per entry at the same time, from several tabs or as retries. */
  async refresh(answers = [true], isReversed = false): Promise<RefreshOutcome["kind"][]> {
    const sent = this.cookie;
    const outcomes = await Promise.all(answers.map(() => this.db.system.refreshTokens.rotate(sent)));
    const arrived = outcomes.filter((_, index) => answers[index]);
    for (const outcome of isReversed ? arrived.toReversed() : arrived)
      if (outcome.kind === "rotated") this.cookie = outcome.token;
    const kinds = outcomes.map(({ kind }) => kind);
    this.owner.push(...kinds);
    return kinds;
  }

  async steal(pick: number): Promise<RefreshOutcome["kind"] | undefined> {
    const token = this.stolen[pick % this.stolen.length];
    if (token === undefined) return undefined;
    const outcome = await this.db.system.refreshTokens.rotate(token);
    if (outcome.kind === "rotated") this.stolen.push(outcome.token);
    return outcome.kind;
  }
}

async function signIn(db: Database): Promise<{ login: IssuedToken; actors: Actors }> {
  const { companyId, userId } = await openInbox(db);
  const login = await db.system.refreshTokens.issue({ companyId, userId });
  return { login, actors: new Actors(db, login.token) };
}

test("an owner is never signed out by lost answers, retries and racing tabs", async ({ db }) => {
  await fc.assert(
    fc.asyncProperty(fc.array(ownerStep, { minLength: 1, maxLength: 15 }), async (steps) => {
      const { actors } = await signIn(db);
      for (const step of steps) await actors.run(step);
      expect(new Set(actors.owner)).toEqual(new Set(["rotated"]));
    }),
    { numRuns: runs },
  );
});

test("a login ends when both the owner and a thief go on using it, in any order of steps", async ({ db, owner }) => {
  const steps = fc.array(fc.oneof(ownerStep, thiefStep), { minLength: 1, maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (history, isThiefFirst) => {
      const { login, actors } = await signIn(db);
      for (const step of history) await actors.run(step);
      await actors.settle();
      if (actors.stolen.length === 0) actors.stolen.push(login.token);

      const newest = () => actors.steal(actors.stolen.length - 1);
      const ownerGoesOn = async () => [await actors.refresh(), await actors.refresh()].flat();
      const thiefGoesOn = async () => [await newest(), await newest()];
      await (isThiefFirst ? thiefGoesOn() : ownerGoesOn());
      const second = await (isThiefFirst ? ownerGoesOn() : thiefGoesOn());

      // The side that comes second gets nothing, and its attempt ends the login for both.
      expect(second).not.toContain("rotated");
      expect(await actors.refresh()).toEqual(["refused"]);
      expect(await newest()).toBe("refused");
      expect(await forksOf(owner, login.loginId)).toEqual([]);
    }),
    { numRuns: runs },
  );
});

/** Tokens with two used successors: two living lines of one login. */
const forksOf = (owner: Knex, loginId: string) =>
  owner("refresh_tokens")
    .where({ login_id: loginId })
    .whereNotNull("used_at")
    .whereNotNull("parent_id")
    .groupBy("parent_id")
    .havingRaw("count(*) > 1")
    .select("parent_id");
