import { seesWholeCompany } from "@syszap/contracts";
import { type Database, toUserEntry } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import { auditActorOf } from "../../auth/audit-actor.ts";
import type { Caller } from "../../auth/guard.ts";
import type { HandlersOf, RequestOf } from "../../endpoint.ts";
import { sendFile } from "../../media/send-file.ts";
import type { Thumbnails } from "../../media/thumbnails/thumbnails.ts";
import type { Manager, People } from "../../people/people.ts";
import { notFound } from "../../problem.ts";

interface UserDependencies {
  database: Database;
  people: People;
  thumbnails: Thumbnails;
  store: MediaStore;
}
type UserHandlers = HandlersOf<
  | "listUsers"
  | "inviteUser"
  | "updateUser"
  | "getUserPicture"
  | "resetUserPassword"
  | "resendInvitation"
  | "revokeInvitation"
  | "resetSecondFactor"
>;

export function userRoutes({ database, people, thumbnails, store }: UserDependencies): UserHandlers {
  return {
    listUsers: async ({ query, caller }) => {
      const page = await database.withCompany(caller.companyId, ({ users }) => users.list(query));
      return { ...page, items: page.items.map((user) => toUserEntry(user, { isForManager: isManager(caller) })) };
    },
    inviteUser: async ({ body, caller, req }) => {
      const { user, invitation } = await people.invite(managerOf(caller, req), body);
      return { user: toUserEntry(user, { isForManager: true }), invitation };
    },
    updateUser: async ({ params, body, caller, req }) =>
      toUserEntry(await people.update(managerOf(caller, req), params.id, body), { isForManager: true }),
    getUserPicture: async ({ params, caller: { companyId }, req, res }) => {
      const file = await database.withCompany(companyId, async ({ users, media }) => {
        const user = await users.find(params.id);
        return user?.pictureMediaId ? media.find(user.pictureMediaId) : undefined;
      });
      if (!file) throw notFound("picture of a user");
      const thumbnail = await thumbnails.of(companyId, file);
      if (thumbnail.storageKey === null) throw notFound("picture of a user");
      await sendFile({ req, res }, { ...thumbnail, mimeType: "image/webp", fileName: null }, store);
    },
    resetUserPassword: ({ params, caller, req }) => people.resetPassword(managerOf(caller, req), params.id),
    resendInvitation: ({ params, caller, req }) => people.resendInvitation(managerOf(caller, req), params.id),
    revokeInvitation: async ({ params, caller, req }) => {
      await people.revokeInvitation(managerOf(caller, req), params.id);
      return undefined;
    },
    resetSecondFactor: async ({ params, caller, req }) => {
      await people.resetSecondFactor(managerOf(caller, req), params.id);
      return undefined;
    },
  };
}

const isManager = ({ role, apiKeyId }: Caller) => apiKeyId === undefined && seesWholeCompany(role);

const managerOf = (caller: Caller, req: RequestOf<"updateUser">["req"]): Manager => ({
  companyId: caller.companyId,
  userId: caller.userId,
  actor: auditActorOf(caller, req),
});
