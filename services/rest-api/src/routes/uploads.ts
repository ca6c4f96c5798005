import type { Database } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";
import { receiveUpload } from "../sending/receive-upload.ts";
import { sentAs } from "../sending/sent-as.ts";

/** Of a company, uploaded within the day and not sent: far more than people do, and what a loop gone wild may fill. */
const defaultMostWaitingBytes = 2 * 1024 ** 3;

export const uploadRoutes = (
  database: Database,
  store: MediaStore,
  mostWaitingBytes = defaultMostWaitingBytes,
): HandlersOf<"uploadMedia"> => ({
  uploadMedia: async ({ query, caller: { companyId, userId }, req }) => {
    const waitingBytes = await database.withCompany(companyId, ({ uploads }) => uploads.unusedBytes());
    if (waitingBytes >= mostWaitingBytes)
      throw new ProblemError("too_many", "Too many files were uploaded and not sent. Send them, or wait a day.");
    const file = await receiveUpload(req, { companyId, fileName: query.fileName ?? null, store });
    const { id, mimeType, fileName, size } = await database.withCompany(companyId, ({ uploads }) =>
      uploads.add(file, userId),
    );
    return { id, mimeType, fileName, size, as: sentAs(mimeType) };
  },
});
