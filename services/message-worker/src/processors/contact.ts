import type { ContactJob } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";

/** Keeps a contact's name and picture. Of a number that has not written yet nobody is told: it is no client. */
export function processContact(db: Database, job: ContactJob): Promise<void> {
  return db.withCompany(job.companyId, async (unit) => {
    const client = await unit.clients.applyContact({
      number: job.number,
      name: job.name,
      pictureMediaId: await keepPicture(unit, job.picture),
      atMs: job.timestampMs,
    });
    if (job.picture !== undefined) await unit.pictureChecks.checked(job.number, new Date(job.timestampMs));
    if (client) unit.emit.clientUpdate(client);
  });
}

/** Undefined: unchanged. Null: taken away. */
async function keepPicture(unit: CompanyUnit, picture: ContactJob["picture"]): Promise<string | null | undefined> {
  return picture ? unit.media.add(picture) : picture;
}
