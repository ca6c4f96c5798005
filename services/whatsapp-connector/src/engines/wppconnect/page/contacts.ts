/** Functions that read contacts in WhatsApp's page; the rules of `page/account.ts` apply. */

interface PageModel {
  id: { toString(): string };
  [attribute: string]: unknown;
}

interface PageStore {
  get(id: unknown): PageModel | undefined;
  find(id: unknown): Promise<PageModel | undefined>;
  remove(model: PageModel): void;
  getModelsArray(): PageModel[];
}

interface ReadyPage {
  WPP: {
    contact: { getProfilePictureUrl(id: string, full: boolean): Promise<string | undefined> };
    whatsapp: { ChatStore: PageStore; ContactStore: PageStore; ProfilePicThumbStore: PageStore };
  };
  /** Times of the last picture requests to the server, by contact id. */
  syszapPictureRequests?: Map<string, number>;
}

export interface PageContact {
  id: string;
  name: string | null;
  /** Changes with each picture; null if there is none. */
  pictureTag: string | null;
}

/**
 * Returns the contacts of the newest chats. Loads their picture records, so that the page emits later changes. After
 * `timeoutMs` it returns the contacts that it has by then.
 */
export async function listContacts(limits: { chats: number; timeoutMs: number }): Promise<PageContact[]> {
  const page = globalThis as unknown as ReadyPage;
  const { ChatStore, ContactStore, ProfilePicThumbStore } = page.WPP.whatsapp;
  page.syszapPictureRequests ??= new Map();
  const startedAt = Date.now();
  const contacts: PageContact[] = [];
  const newestFirst = ChatStore.getModelsArray().sort((one, other) => Number(other.t ?? 0) - Number(one.t ?? 0));
  for (const chat of newestFirst.filter((each) => /@(c\.us|lid)$/.test(String(each.id))).slice(0, limits.chats)) {
    if (Date.now() - startedAt > limits.timeoutMs) break;
    const id = String(chat.id);
    const contact = ContactStore.get(chat.id);
    const known = ProfilePicThumbStore.get(chat.id);
    const picture = known ?? (await ProfilePicThumbStore.find(chat.id));
    if (!known) page.syszapPictureRequests.set(id, Date.now());
    contacts.push({
      id,
      name: (contact?.name ?? contact?.pushname ?? contact?.verifiedName ?? null) as string | null,
      pictureTag: (picture?.tag ?? null) as string | null,
    });
  }
  return contacts;
}

/** The page caches picture URLs, which WhatsApp expires. URLs older than `maxAgeMs` are requested again. */
export async function pictureUrl(picture: { id: string; maxAgeMs: number }): Promise<string | null> {
  const page = globalThis as unknown as ReadyPage;
  page.syszapPictureRequests ??= new Map();
  const { ProfilePicThumbStore } = page.WPP.whatsapp;
  const known = ProfilePicThumbStore.get(picture.id);
  const requestedAt = page.syszapPictureRequests.get(picture.id) ?? 0;
  if (known && Date.now() - requestedAt >= picture.maxAgeMs) ProfilePicThumbStore.remove(known);
  if (!ProfilePicThumbStore.get(picture.id)) {
    // Bounds the map. After that, cached URLs are requested again.
    if (page.syszapPictureRequests.size >= 10_000) page.syszapPictureRequests.clear();
    page.syszapPictureRequests.set(picture.id, Date.now());
  }
  return (await page.WPP.contact.getProfilePictureUrl(picture.id, true)) ?? null;
}
