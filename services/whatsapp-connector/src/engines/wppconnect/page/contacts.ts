/** As `page/account.ts`: what runs inside WhatsApp's page, about the people in its chats. */

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
  /** When the server was asked for a picture, by id. */
  syszapPicturesAsked?: Record<string, number>;
}

export interface PersonInPage {
  id: string;
  name: string | null;
  /** Another one with each picture; null where there is none. */
  pictureTag: string | null;
}

/**
 * Those of the newest chats. Their pictures' records are loaded on the way: from then on the page tells when one changes.
 * Stops after `withinMs`, with those that it has.
 */
export async function listPeople(most: { chats: number; withinMs: number }): Promise<PersonInPage[]> {
  const page = globalThis as unknown as ReadyPage;
  const { ChatStore, ContactStore, ProfilePicThumbStore } = page.WPP.whatsapp;
  page.syszapPicturesAsked ??= {};
  const startedAt = Date.now();
  const people: PersonInPage[] = [];
  const newestFirst = ChatStore.getModelsArray().sort((one, other) => Number(other.t ?? 0) - Number(one.t ?? 0));
  for (const chat of newestFirst.filter((each) => /@(c\.us|lid)$/.test(String(each.id))).slice(0, most.chats)) {
    if (Date.now() - startedAt > most.withinMs) break;
    const id = String(chat.id);
    const contact = ContactStore.get(chat.id);
    const known = ProfilePicThumbStore.get(chat.id);
    const picture = known ?? (await ProfilePicThumbStore.find(chat.id));
    if (!known) page.syszapPicturesAsked[id] = Date.now();
    people.push({
      id,
      name: (contact?.name ?? contact?.pushname ?? null) as string | null,
      pictureTag: (picture?.tag ?? null) as string | null,
    });
  }
  return people;
}

/** The page asks once and keeps the answer, whose address WhatsApp ends some day: what is older than `maxAgeMs` is asked again. */
export async function pictureUrl(picture: { id: string; maxAgeMs: number }): Promise<string | null> {
  const page = globalThis as unknown as ReadyPage;
  page.syszapPicturesAsked ??= {};
  const { ProfilePicThumbStore } = page.WPP.whatsapp;
  const known = ProfilePicThumbStore.get(picture.id);
  const askedAt = page.syszapPicturesAsked[picture.id] ?? 0;
  if (known && Date.now() - askedAt >= picture.maxAgeMs) ProfilePicThumbStore.remove(known);
  if (!ProfilePicThumbStore.get(picture.id)) page.syszapPicturesAsked[picture.id] = Date.now();
  return (await page.WPP.contact.getProfilePictureUrl(picture.id, true)) ?? null;
}
