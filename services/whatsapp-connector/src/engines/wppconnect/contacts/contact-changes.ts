import { readFile, rename, writeFile } from "node:fs/promises";
import type { Logger } from "@syszap/platform";
import { z } from "zod";
import type { PageContact } from "../page/contacts.ts";

const KnownContacts = z.record(
  z.string(),
  z.object({ name: z.string().nullable(), pictureTag: z.string().nullable() }),
);
type KnownContacts = z.infer<typeof KnownContacts>;

/** The contacts that were seen most recently are kept. A contact that was dropped counts as new. */
const maxContacts = 2_000;

interface ContactChangesDependencies {
  /** A file in the session's profile: it survives a restart, and is removed with the link. */
  path: string;
  list(): Promise<PageContact[]>;
  nameChanged(contact: { id: string; name: string | null }): void;
  pictureChanged(id: string): void;
  log: Logger;
}

/** Detects names and pictures that changed while the page was closed: the page emits changes only while it is open. */
export class ContactChanges {
  constructor(private readonly dependencies: ContactChangesDependencies) {}

  /** Call it at each change to `connected`. */
  async compare(): Promise<void> {
    const { list, nameChanged, pictureChanged } = this.dependencies;
    const known = await this.read();
    for (const { id, name, pictureTag } of await list()) {
      const previous = known[id];
      if (previous?.name !== name) nameChanged({ id, name });
      // The picture of a new contact is fetched with the first message.
      if (previous && previous.pictureTag !== pictureTag) pictureChanged(id);
      delete known[id]; // so that it becomes the newest entry
      known[id] = { name, pictureTag };
    }
    await this.write(Object.fromEntries(Object.entries(known).slice(-maxContacts)));
  }

  private async read(): Promise<KnownContacts> {
    const text = await readFile(this.dependencies.path, "utf8").catch(() => undefined);
    if (text === undefined) return {};
    try {
      return KnownContacts.parse(JSON.parse(text));
    } catch (err) {
      this.dependencies.log.warn({ err }, "known contacts can't be read, all contacts are emitted again");
      return {};
    }
  }

  private async write(known: KnownContacts): Promise<void> {
    await writeFile(`${this.dependencies.path}.new`, JSON.stringify(known));
    await rename(`${this.dependencies.path}.new`, this.dependencies.path);
  }
}
