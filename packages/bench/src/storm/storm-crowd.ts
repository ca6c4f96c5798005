import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Door } from "../crowd/orders.ts";
import type { Place, StormOrder, StormWord, Verdict } from "./orders.ts";

type AskDoor = (place: Place, since: string | undefined) => Promise<Door>;

/** Thousands of clients that come back by themselves, in a process of their own. */
export class StormCrowd {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<StormWord["kind"], (word: StormWord) => void>();
  private fail: (error: Error) => void = () => undefined;
  private readonly failure: Promise<never>;

  /** `askDoor` gives a client its way in, with a ticket that nobody has used. */
  constructor(private readonly askDoor: AskDoor) {
    this.failure = new Promise((_, reject) => {
      this.fail = reject;
    });
    this.failure.catch(() => undefined);
    this.child = fork(fileURLToPath(new URL("storm-process.ts", import.meta.url)), { serialization: "advanced" });
    this.child.on("message", (word: StormWord) => this.hear(word));
    this.child.once("exit", () => this.fail(new Error("the process of the clients ended")));
  }

  /** All are connected when it resolves; one that is turned away rejects. */
  async join(companies: number, members: number): Promise<void> {
    await this.tell({ kind: "join", companies, members }, "joined", 120_000);
  }

  /** Cuts every connection; resolves when the last client has a marker that was published since. */
  async cut(withinMs: number): Promise<{ afterMs: number; attempts: number }> {
    return this.tell({ kind: "cut" }, "caughtUp", withinMs);
  }

  async judge(told: number[]): Promise<Verdict> {
    return (await this.tell({ kind: "judge", told }, "verdict", 30_000)).verdict;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.disconnect();
    await ended;
  }

  private hear(word: StormWord): void {
    if (word.kind === "ask") void this.giveDoor(word);
    else if (word.kind === "failed") this.fail(new Error(word.reason));
    else this.waiting.get(word.kind)?.(word);
  }

  private async giveDoor({ ask, place, since }: Extract<StormWord, { kind: "ask" }>): Promise<void> {
    const door = await this.askDoor(place, since);
    if (this.child.connected) this.child.send({ kind: "door", ask, door } satisfies StormOrder);
  }

  private async tell<Kind extends StormWord["kind"]>(
    order: StormOrder,
    kind: Kind,
    withinMs: number,
  ): Promise<Extract<StormWord, { kind: Kind }>> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<StormWord>((resolve) => this.waiting.set(kind, resolve));
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no "${kind}" of all clients within ${withinMs} ms`)), withinMs);
    });
    this.child.send(order);
    try {
      return (await Promise.race([answer, late, this.failure])) as Extract<StormWord, { kind: Kind }>;
    } finally {
      clearTimeout(timer);
    }
  }
}
