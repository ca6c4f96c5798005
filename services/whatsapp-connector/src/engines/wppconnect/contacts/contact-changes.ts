import { readFile, rename, writeFile } from "node:fs/promises";
import type { Logger } from "@syszap/platform";
import { z } from "zod";
import type { PersonInPage } from "../page/contacts.ts";

const Known = z.record(z.string(), z.object({ name: z.string().nullable(), pictureTag: z.string().nullable() }));

interface Given {
  /** In the session's profile, so that it is there after a restart and gone with the link. */
  path: string;
  list(): Promise<PersonInPage[]>;
  nameChanged(person: { id: string; name: string | null }): void;
  pictureChanged(id: string): void;
  log: Logger;
}

/** Notices new names and pictures of the time in which nobody listened: the page tells only what changes while it is open. */
export class People {
  constructor(private readonly given: Given) {}

  /** Once per way into `connected`. */
  async compare(): Promise<void> {
    const { list, nameChanged, pictureChanged } = this.given;
    const known = await this.read();
    const people = await list();
    for (const { id, name, pictureTag } of people) {
      const before = known[id];
      if (before?.name !== name) nameChanged({ id, name });
      // Of somebody new the picture is fetched with the first message.
      if (before && before.pictureTag !== pictureTag) pictureChanged(id);
      known[id] = { name, pictureTag };
    }
    await this.write(known);
  }

  private async read(): Promise<z.infer<typeof Known>> {
    const text = await readFile(this.given.path, "utf8").catch(() => undefined);
    if (text === undefined) return {};
    try {
      return Known.parse(JSON.parse(text));
    } catch (err) {
      this.given.log.warn({ err }, "what was known of people can't be read and is told again");
      return {};
    }
  }

  private async write(known: z.infer<typeof Known>): Promise<void> {
    await writeFile(`${this.given.path}.new`, JSON.stringify(known));
    await rename(`${this.given.path}.new`, this.given.path);
  }
}
