import { isGroupChat } from "@syszap/contracts";
import type { ChatProgress, CompanyUnit, Database, Gap } from "@syszap/database";
import { onAbort } from "@syszap/platform/async";
import type { Engine, EngineFact, ListedChat } from "../../engines/contract/engine.ts";
import type { Lease } from "../../lease.ts";

export interface GapReaderDependencies {
  database: Database;
  engine: () => Engine;
  spool: { readonly hasMuchRoom: boolean };
  /** Resolves when the fact is stored. Undefined: there is no room for it. */
  store(fact: EngineFact): Promise<void> | undefined;
  /** When groups were switched on; null: they are not read. */
  groupsSince(): Date | null;
  /** Aborts when the session ends. */
  signal: AbortSignal;
}

/** Changes of messages up to this age are read again. */
const changesForMs = 86_400_000;
/** Engines know whole seconds. */
const lastOfSecondMs = 999;
/** Limits of one batch. Its facts are stored before the next batch is read, which bounds memory, spool and queue. */
const chatsPerBatch = 50;
const readsPerBatch = 100;
const factsPerBatch = 1_000;

/**
 * Reads the chats of a gap backwards until the gap's start, in batches. Within a batch, and from batch to batch, chats take turns,
 * so that a long chat does not delay the others. The position in each chat is saved when the facts up to it are stored.
 */
export class GapReader {
  constructor(
    private readonly lease: Lease,
    private readonly dependencies: GapReaderDependencies,
  ) {}

  /** Returns true when all of the gap is stored, and false when `mayContinue` returned false before a batch. */
  async read(gap: Gap, mayContinue: () => boolean): Promise<boolean> {
    const bounds = boundsOf(gap);
    if (!gap.isListed) await this.list(bounds);
    while (mayContinue()) {
      if (!this.dependencies.spool.hasMuchRoom) throw new Error("the spool has no room yet");
      const chats = await this.inDatabase(({ sessionGaps }) => sessionGaps.nextChats(this.lease, chatsPerBatch));
      if (chats.length === 0) {
        await this.inDatabase(({ sessionGaps }) => sessionGaps.close(this.lease));
        return true;
      }
      await this.readBatch(chats, bounds);
    }
    return false;
  }

  private async list(bounds: Bounds): Promise<void> {
    const listed = await this.dependencies.engine().listChats();
    const inGap = listed.flatMap(({ chat, newestMs, unread }) => {
      const ofChat = this.boundsOf(chat, bounds);
      // Unread messages of a group may be older than the switch.
      const wanted = { chat, newestMs, unread: isGroupChat(chat) ? 0 : (unread ?? 0) };
      return ofChat && (newestMs + lastOfSecondMs >= ofChat.changesFromMs || wanted.unread > 0) ? wanted : [];
    });
    await this.inDatabase(({ sessionGaps }) => sessionGaps.list(this.lease, inGap));
    await this.compareUnread(listed);
  }

  /** Chats that were read on the phone meanwhile are marked as read, up to the newest message that the engine knows. */
  private async compareUnread(listed: readonly ListedChat[]): Promise<void> {
    const unreadHere = await this.inDatabase(({ chats }) => chats.unreadIdsOf(this.lease.sessionId));
    for (const { chat, waChatId = chat, newestMs, unread, isMarkedUnread } of listed) {
      if (unread !== 0 || isMarkedUnread) continue;
      const known = [waChatId, chat].find((id) => unreadHere.has(id));
      if (known === undefined) continue;
      void this.dependencies.store({ kind: "read", waChatId: known, timestampMs: newestMs + lastOfSecondMs });
    }
  }

  private async readBatch(chats: ChatProgress[], bounds: Bounds): Promise<void> {
    const batch = new Map(chats.map((chat) => [chat.chat, chat]));
    const stored: Promise<void>[] = [];
    const { failures, reads } = await this.readInTurns(batch, bounds, stored);
    await this.untilAborted(Promise.all(stored));
    await this.inDatabase(({ sessionGaps }) => sessionGaps.save(this.lease, [...batch.values()]));
    if (failures.length === reads) throw failures[0];
  }

  /** A chat that cannot be read is left for a later batch. Updates the progress in `batch`. */
  private async readInTurns(batch: Map<string, ChatProgress>, bounds: Bounds, stored: Promise<void>[]) {
    const failures: unknown[] = [];
    let reads = 0;
    let turn = [...batch.keys()];
    while (turn.length > 0) {
      const next: string[] = [];
      for (const chat of turn) {
        if (reads >= readsPerBatch || stored.length >= factsPerBatch) return { failures, reads };
        reads += 1;
        const progress = batch.get(chat);
        if (!progress) continue;
        try {
          const read = await this.readOnce(progress, bounds, stored);
          batch.set(chat, read);
          if (!read.isDone) next.push(chat);
        } catch (err) {
          if (this.dependencies.signal.aborted) throw err;
          failures.push(err);
          batch.set(chat, { ...progress, reads: progress.reads + 1 });
        }
      }
      turn = next;
    }
    return { failures, reads };
  }

  private async readOnce(progress: ChatProgress, bounds: Bounds, stored: Promise<void>[]): Promise<ChatProgress> {
    const { chat, before, unread } = progress;
    const ofChat = this.boundsOf(chat, bounds);
    if (!ofChat) return { ...progress, isDone: true };
    const page = await this.dependencies.engine().readHistory({ chat, before, unread, ...ofChat });
    for (const fact of page.facts) {
      const storing = this.dependencies.store(fact);
      if (!storing) throw new Error("the spool has no room for a fact");
      stored.push(storing);
    }
    return {
      chat,
      before: page.before,
      unread: page.unread,
      reads: progress.reads + 1,
      facts: progress.facts + page.facts.length,
      isDone: page.before === null,
    };
  }

  /** Of a group, nothing is read from before groups were switched on. Undefined: the chat is not read. */
  private boundsOf(chat: string, { sinceMs, changesFromMs }: Bounds): Bounds | undefined {
    if (!isGroupChat(chat)) return { sinceMs, changesFromMs };
    const since = this.dependencies.groupsSince()?.getTime();
    if (since === undefined) return undefined;
    return { sinceMs: Math.max(sinceMs, since), changesFromMs: Math.max(changesFromMs, since) };
  }

  private inDatabase<Result>(work: (unit: CompanyUnit) => Promise<Result>): Promise<Result> {
    return this.dependencies.database.withCompany(this.lease.companyId, work);
  }

  /** Facts of a session that ends stay in the spool; their position is not saved. */
  private async untilAborted(work: Promise<unknown>): Promise<void> {
    const { signal } = this.dependencies;
    let removeCallback: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      const giveUp = () => reject(new Error("the session ends"));
      if (signal.aborted) giveUp();
      else removeCallback = onAbort(signal, giveUp);
    });
    await Promise.race([aborted, work]).finally(removeCallback);
  }
}

interface Bounds {
  sinceMs: number;
  changesFromMs: number;
}

/** Changes of messages from before the link are not read. */
function boundsOf({ missedSince, linkedAt }: Gap): Bounds {
  const sinceMs = missedSince?.getTime() ?? Date.now();
  return { sinceMs, changesFromMs: Math.min(sinceMs, Math.max(sinceMs - changesForMs, linkedAt?.getTime() ?? 0)) };
}
