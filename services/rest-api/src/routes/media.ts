import type { CompanyUnit, Database, Person, StoredMedia } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import { loginEndedDetail, unauthenticated } from "../auth/guard.ts";
import type { LoginStates } from "../auth/login-states.ts";
import type { Tokens } from "../auth/tokens.ts";
import type { HandlersOf } from "../endpoint.ts";
import { sendFile } from "../media/send-file.ts";
import type { Thumbnails } from "../media/thumbnails/thumbnails.ts";
import { notFound, ProblemError } from "../problem.ts";

interface MediaDependencies {
  database: Database;
  store: MediaStore;
  tokens: Tokens;
  thumbnails: Thumbnails;
  logins: LoginStates;
}
type MediaHandlers = HandlersOf<
  "getMedia" | "getMediaThumbnail" | "linkMedia" | "getLinkedMedia" | "retryMessageMedia"
>;

/** Files within the reach of the caller. A download that has begun may end after the caller lost the file; the next request is refused. */
export function mediaRoutes({ database, store, tokens, logins, thumbnails }: MediaDependencies): MediaHandlers {
  const find = async (person: Person, id: string): Promise<StoredMedia> => {
    const file = await database.withPerson(person, ({ media }) => media.find(id));
    if (!file) throw notFound("file");
    return file;
  };
  return {
    getMedia: async ({ params, caller, req, res }) => {
      await sendFile({ req, res }, await find(caller, params.id), store);
    },
    getMediaThumbnail: async ({ params, caller, req, res }) => {
      const file = await find(caller, params.id);
      const thumbnail = await thumbnails.of(caller.companyId, file);
      if (thumbnail.storageKey === null) throw notFound("thumbnail");
      await sendFile({ req, res }, { ...thumbnail, mimeType: "image/webp", fileName: null }, store);
    },
    linkMedia: async ({ params, caller }) => {
      const { id } = await find(caller, params.id);
      const { token, expiresAt } = await tokens.issueMediaLink(caller.claims, id);
      return { url: `/v1/media/${id}/content?link=${token}`, expiresAt: expiresAt.toISOString() };
    },
    getLinkedMedia: async ({ params, query, req, res }) => {
      const claims = await tokens.verifyMediaLink(query.link).catch(() => undefined);
      if (claims?.mid !== params.id) throw unauthenticated("The link is invalid or has expired. Request a new one.");
      if (!(await logins.find(claims)).isActive) throw unauthenticated(loginEndedDetail);
      await sendFile({ req, res }, await find({ companyId: claims.cid, userId: claims.sub }, params.id), store);
    },
    retryMessageMedia: ({ params, caller }) => database.withPerson(caller, (unit) => retry(unit, params.id)),
  };
}

async function retry({ messageChanges, emit }: CompanyUnit, id: string) {
  const outcome = await messageChanges.retryMedia(id);
  if (outcome === "absent") throw notFound("message");
  if (outcome === "impossible")
    throw new ProblemError("conflict", "The file of this message cannot be fetched again. Open it on the phone.");
  if (outcome.isChanged) emit.messageUpdate(outcome.message, "media");
  return outcome.message;
}
