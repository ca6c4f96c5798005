import type { CompanyUnit, Merged } from "@syszap/database";

/**
 * Emits events for merged clients and chats. Call it after all other changes of the transaction: an event of the same row and version
 * is emitted once, and must show the final state.
 */
export async function emitMerges({ clients, chats, emit }: CompanyUnit, merges: readonly Merged[]): Promise<void> {
  for (const { client, chats: moved } of merges) {
    const into = await clients.find(client.into);
    if (into) emit.clientUpdate(into);
    if (client.wasShown) emit.clientUpdate(await clients.getIncludingMerged(client.id), client.into);
    for (const { id, into } of moved) {
      emit.chatUpdate(await chats.getIncludingMerged(id), into ?? undefined);
      if (into !== null) emit.chatUpdate(await chats.getIncludingMerged(into));
    }
  }
}
