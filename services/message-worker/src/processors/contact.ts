import type { ContactJob } from "@syszap/contracts";
import type { CompanyUnit, Database, Merged } from "@syszap/database";
import { tellOfMerges } from "./merges.ts";

/** Keeps a contact's name and picture. Of a number that has not written yet nobody is told: it is no client. */
export function processContact(db: Database, job: ContactJob): Promise<void> {
  return db.withCompany(job.companyId, async (unit) => {
    const merges: Merged[] = [];
    const { number, lid, name, timestampMs: atMs } = job;
    const pictureMediaId = await keepPicture(unit, job.picture);
    const contact = { number, lid, name, pictureMediaId, atMs };
    const client = await unit.clients.applyContact(contact, (merged) => merges.push(merged));
    if (job.picture !== undefined) await unit.pictureChecks.record(job.number, new Date(job.timestampMs));
    if (client) unit.emit.clientUpdate(client);
    await tellOfMerges(unit, merges);
  });
}

/** Undefined: unchanged. Null: taken away. */
async function keepPicture(unit: CompanyUnit, picture: ContactJob["picture"]): Promise<string | null | undefined> {
  return picture ? unit.media.add(picture) : picture;
}
