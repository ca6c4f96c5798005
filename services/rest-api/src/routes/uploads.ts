import { defaultSentKind } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { defaultLimitBytes, type MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";
import { receiveUpload } from "../sending/receive-upload.ts";

/** Limit per company for uploaded but unsent files. Far above normal use; it stops faulty programs. */
const defaultMaxUnsentBytes = 2 * 1024 ** 3;
/** Above the longest deadline for a body. Until then a killed process keeps its reservations. */
const reservationLifeMs = 40 * 60_000;

interface UploadDependencies {
  database: Database;
  store: MediaStore;
  log: Logger;
  maxUnsentBytes?: number;
}

export function uploadRoutes(dependencies: UploadDependencies): HandlersOf<"uploadMedia"> {
  const { database, store, log, maxUnsentBytes = defaultMaxUnsentBytes } = dependencies;

  /** Reserved before the upload: concurrent uploads could otherwise exceed the limit together. */
  const reserve = async (companyId: string, contentLength: string | undefined): Promise<string> => {
    // A length above the file limit is refused while the file is read.
    const bytes = Math.min(Number(contentLength ?? defaultLimitBytes), defaultLimitBytes);
    const limits = { maxBytes: maxUnsentBytes, lifeMs: reservationLifeMs };
    const reservation = await database.withCompany(companyId, ({ uploads }) => uploads.reserve(bytes, limits));
    if (reservation !== undefined) return reservation;
    throw new ProblemError("too_many", "Too many uploaded files have not been sent. Send them, or wait a day.");
  };

  return {
    uploadMedia: async ({ query, caller: { companyId, userId }, req }) => {
      const reservation = await reserve(companyId, req.get("content-length"));
      try {
        const file = await receiveUpload(req, { companyId, fileName: query.fileName ?? null, store });
        const { id, mimeType, fileName, size } = await database.withCompany(companyId, async ({ uploads }) => {
          await uploads.release(reservation);
          return uploads.add(file, userId);
        });
        return { id, mimeType, fileName, size, as: defaultSentKind(mimeType) };
      } catch (error) {
        await database
          .withCompany(companyId, ({ uploads }) => uploads.release(reservation))
          .catch((err: unknown) => log.warn({ err }, "could not release the space of a failed upload; it will expire"));
        throw error;
      }
    },
  };
}
