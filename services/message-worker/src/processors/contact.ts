import type { ContactJob } from "@syszap/contracts";
import type { CompanyUnit, Database, Merged } from "@syszap/database";
import { emitMerges } from "./merges.ts";

/** Stores a contact's name and picture. A contact that has not written yet is no client, so no event is emitted. */
export function processContact(db: Database, job: ContactJob): Promise<void> {
  return db.withCompany(job.companyId, async (unit) => {
    const merges: Merged[] = [];
    const { number, lid, name, timestampMs: atMs } = job;
    const pictureMediaId = await keepPicture(unit, job.picture);
    const contact = { number, lid, name, pictureMediaId, atMs };
    const client = await unit.clients.applyContact(contact, (merged) => merges.push(merged));
    if (job.picture !== undefined) await unit.pictureChecks.record(job.number, new Date(job.timestampMs));
    if (client) unit.emit.clientUpdate(client);
    await emitMerges(unit, merges);
  });
}

/** Undefined: unchanged. Null: the contact removed the picture. */
async function keepPicture(unit: CompanyUnit, picture: ContactJob["picture"]): Promise<string | null | undefined> {
  return picture ? unit.media.add(picture) : picture;
}
