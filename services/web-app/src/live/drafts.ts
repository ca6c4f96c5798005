import type { SentFileKind } from "@syszap/contracts";
import { Store } from "../lib/store.ts";
import { DraftStorage } from "./draft-storage.ts";

/** A file that was chosen for a message. */
export interface AttachedFile {
  id: string;
  file: File;
  /** The kind as which it is sent, if the engine of the session supports it. Absent: that of its type. */
  as?: SentFileKind;
}
/** What was written and chosen in the composer of a chat, and not sent yet. */
export interface Draft {
  text: string;
  files: readonly AttachedFile[];
}

const noDraft: Draft = { text: "", files: [] };
const saveDelayMs = 250;

/** The drafts of all chats. Texts are also kept on the device, until the user signs out; files only in memory. */
export class Drafts {
  readonly store = new Store<ReadonlyMap<string, Draft>>(new Map());
  private storage: DraftStorage | undefined;
  private userId: string | undefined;
  private readonly unsaved = new Set<string>();
  private saving: ReturnType<typeof setTimeout> | undefined;

  get(chatId: string): Draft {
    return this.store.get().get(chatId) ?? noDraft;
  }

  setText(chatId: string, text: string): void {
    this.set(chatId, { ...this.get(chatId), text });
  }

  attach(chatId: string, files: readonly File[], as?: SentFileKind): void {
    const attached = files.map((file) => ({ id: crypto.randomUUID(), file, ...(as && { as }) }));
    const draft = this.get(chatId);
    this.set(chatId, { ...draft, files: [...draft.files, ...attached] });
  }

  detach(chatId: string, fileId: string): void {
    const draft = this.get(chatId);
    this.set(chatId, { ...draft, files: draft.files.filter(({ id }) => id !== fileId) });
  }

  /** Returns the draft and removes it. */
  take(chatId: string): Draft {
    const draft = this.get(chatId);
    this.set(chatId, noDraft);
    this.flush();
    return draft;
  }

  /** True if closing the page would lose attached files. */
  get hasFiles(): boolean {
    return [...this.store.get().values()].some(({ files }) => files.length > 0);
  }

  /** Reads the texts that a user left on this device, and keeps later ones there. */
  open(userId: string): void {
    if (userId === this.userId) return;
    this.clear();
    this.userId = userId;
    this.storage = new DraftStorage(userId);
    this.store.set(new Map([...this.storage.read()].map(([chatId, text]) => [chatId, { text, files: [] }])));
  }

  /** Saves what was just written. Called before the page may end. */
  flush(): void {
    clearTimeout(this.saving);
    for (const chatId of this.unsaved) this.storage?.write(chatId, this.get(chatId).text);
    this.unsaved.clear();
  }

  /** Shows what the user writes in another tab. */
  onStorage(event: StorageEvent): void {
    const change = this.storage?.changeOf(event);
    if (change) this.show(change.chatId, { ...this.get(change.chatId), text: change.text });
  }

  /** Forgets the drafts of the user. Their texts stay on the device for the next login. */
  clear(): void {
    this.flush();
    this.userId = undefined;
    this.storage = undefined;
    this.store.set(new Map());
  }

  /** Forgets the drafts and removes all texts from the device. */
  erase(): void {
    this.clear();
    DraftStorage.eraseAll();
  }

  private set(chatId: string, draft: Draft): void {
    this.show(chatId, draft);
    this.unsaved.add(chatId);
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.flush(), saveDelayMs);
  }

  private show(chatId: string, draft: Draft): void {
    this.store.update((drafts) => {
      const changed = new Map(drafts);
      if (draft.text === "" && draft.files.length === 0) changed.delete(chatId);
      else changed.set(chatId, draft);
      return changed;
    });
  }
}
