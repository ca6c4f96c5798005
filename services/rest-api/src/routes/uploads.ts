import type { Database } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { HandlersOf } from "../endpoint.ts";
import { receiveUpload } from "../sending/receive-upload.ts";
import { sentAs } from "../sending/sent-as.ts";

export const uploadRoutes = (database: Database, store: MediaStore): HandlersOf<"uploadMedia"> => ({
  uploadMedia: async ({ query, caller: { companyId, userId }, req }) => {
    const file = await receiveUpload(req, { companyId, fileName: query.fileName ?? null, store });
    const { id, mimeType, fileName, size } = await database.withCompany(companyId, ({ uploads }) =>
      uploads.add(file, userId),
    );
    return { id, mimeType, fileName, size, as: sentAs(mimeType) };
  },
});
