import type { ContactJob } from "@syszap/contracts";
import { type CompanyUnit, type Database, emitIdentityChanges, type IdentityChange } from "@syszap/database";

/** Stores a contact's name and picture. A contact that has not written yet is no client, so no event is emitted. */
export function processContact(db: Database, job: ContactJob): Promise<void> {
  return db.withCompany(job.companyId, async (unit) => {
    const changes: IdentityChange[] = [];
    const { number, lid, username, name, timestampMs: atMs } = job;
    const pictureMediaId = await keepPicture(unit, job.picture);
    const contact = { number, lid, username, name, pictureMediaId, atMs };
    const client = await unit.clients.applyContact(contact, (change) => changes.push(change));
    if (job.picture !== undefined) await unit.pictureChecks.record(job.number, new Date(job.timestampMs));
    if (client) unit.emit.clientUpdate(client);
    await emitIdentityChanges(unit, changes);
  });
}

/** Undefined: unchanged. Null: the contact removed the picture. */
async function keepPicture(unit: CompanyUnit, picture: ContactJob["picture"]): Promise<string | null | undefined> {
  return picture ? unit.media.add(picture) : picture;
}
