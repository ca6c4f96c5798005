import type { Database } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";
import { receiveUpload } from "../sending/receive-upload.ts";
import { defaultKind } from "../sending/sent-file-kind.ts";

/** Limit per company for uploaded but unsent files. Far above normal use; it stops faulty programs. */
const defaultMaxUnsentBytes = 2 * 1024 ** 3;

export const uploadRoutes = (
  database: Database,
  store: MediaStore,
  maxUnsentBytes = defaultMaxUnsentBytes,
): HandlersOf<"uploadMedia"> => ({
  uploadMedia: async ({ query, caller: { companyId, userId }, req }) => {
    const unsentBytes = await database.withCompany(companyId, ({ uploads }) => uploads.unusedBytes());
    if (unsentBytes >= maxUnsentBytes)
      throw new ProblemError("too_many", "Too many uploaded files have not been sent. Send them, or wait a day.");
    const file = await receiveUpload(req, { companyId, fileName: query.fileName ?? null, store });
    const { id, mimeType, fileName, size } = await database.withCompany(companyId, ({ uploads }) =>
      uploads.add(file, userId),
    );
    return { id, mimeType, fileName, size, as: defaultKind(mimeType) };
  },
});
