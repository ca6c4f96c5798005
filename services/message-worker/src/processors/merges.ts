import type { CompanyUnit, Merged } from "@syszap/database";

/** Says where clients and chats went, after everything else changed them: an event that was told already is not told again. */
export async function tellOfMerges({ clients, chats, emit }: CompanyUnit, merges: readonly Merged[]): Promise<void> {
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
