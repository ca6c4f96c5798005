import type { Message } from "@syszap/contracts";
import { Store } from "../lib/store.ts";

/** The composer replies to this message, or edits it: then `text` is the new text. Without a mode it writes a new message. */
export type ComposerMode = { kind: "reply" | "edit"; message: Message; text: string };

/** At most one mode per chat. It is kept, like the draft, while another chat is open. */
export class ComposerModes {
  readonly store = new Store<ReadonlyMap<string, ComposerMode>>(new Map());

  begin(kind: ComposerMode["kind"], message: Message): void {
    this.store.update((modes) => new Map(modes).set(message.chatId, { kind, message, text: message.body }));
  }

  setText(chatId: string, text: string): void {
    this.store.update((modes) => {
      const mode = modes.get(chatId);
      return mode ? new Map(modes).set(chatId, { ...mode, text }) : modes;
    });
  }

  end(chatId: string): void {
    this.store.update((modes) => {
      if (!modes.has(chatId)) return modes;
      const others = new Map(modes);
      others.delete(chatId);
      return others;
    });
  }

  clear(): void {
    this.store.set(new Map());
  }
}
