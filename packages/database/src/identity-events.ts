import type { CompanyUnit } from "./company-unit.ts";
import type { IdentityChange } from "./repositories/clients/identities.ts";
import type { Merged } from "./repositories/clients/merge-clients.ts";
import type { Split } from "./repositories/hand-merges/client-split-repository.ts";

/**
 * Emits events for clients and chats that changed because a contact proved to be somebody. Call it after all other changes of the
 * transaction: an event of the same row and version is emitted once, and must show the final state.
 */
export async function emitIdentityChanges(unit: CompanyUnit, changes: readonly IdentityChange[]): Promise<void> {
  const { clients, chats, emit } = unit;
  for (const change of changes) {
    if (!("loser" in change)) {
      await emitMerge(unit, change);
      continue;
    }
    const loser = await clients.find(change.loser);
    if (loser) emit.clientUpdate(loser);
    for (const id of change.chats) emit.chatUpdate(await chats.getIncludingMerged(id));
  }
}

async function emitMerge({ clients, chats, emit }: CompanyUnit, { client, chats: moved }: Merged): Promise<void> {
  const into = await clients.find(client.into);
  if (into) emit.clientUpdate(into);
  if (client.wasShown) emit.clientUpdate(await clients.getIncludingMerged(client.id), client.into);
  for (const { id, into } of moved) {
    const chat = await chats.getIncludingMerged(id);
    if (into === null) emit.chatUpdate(chat);
    else {
      emit.chatUpdate(chat, { mergedInto: into });
      emit.chatUpdate(await chats.getIncludingMerged(into), { messagesMoved: true });
    }
  }
}

/** Emits events after a split, or after a merge was undone: the other client and its chats may be new to pages. */
export async function emitSeparation(
  { clients, chats, emit }: CompanyUnit,
  clientIds: readonly string[],
  chatIds: Split["chats"],
): Promise<void> {
  for (const id of clientIds) {
    const client = await clients.find(id);
    if (client) emit.clientUpdate(client);
  }
  for (const id of chatIds) emit.chatUpdate(await chats.getIncludingMerged(id), { messagesMoved: true });
}
