import { maxPushSubscriptions } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { loginEndedDetail, unauthenticated } from "../../auth/guard.ts";
import type { HandlersOf } from "../../endpoint.ts";
import { ProblemError } from "../../problem.ts";
import { requirePublicAddress } from "../../public-address.ts";

interface PushDependencies {
  database: Database;
  /** VAPID key. Undefined: this installation sends no push notices. */
  publicKey: string | undefined;
  allowPrivate: boolean;
}

/** The browser of the caller's login that receives push notices. */
export function pushRoutes({
  database,
  publicKey,
  allowPrivate,
}: PushDependencies): HandlersOf<"getMyPush" | "subscribeToPush" | "unsubscribeFromPush"> {
  const { pushSubscriptions } = database.system;
  return {
    getMyPush: async ({ caller }) => ({
      publicKey: publicKey ?? null,
      isSubscribed: await pushSubscriptions.has(caller),
    }),

    subscribeToPush: async ({ body, caller }) => {
      if (publicKey === undefined) throw new ProblemError("conflict", "This installation sends no push notices.");
      requirePublicAddress("endpoint", body.endpoint, allowPrivate);
      if (!(await pushSubscriptions.save(caller, body, maxPushSubscriptions))) throw unauthenticated(loginEndedDetail);
      return undefined;
    },

    unsubscribeFromPush: async ({ caller }) => {
      await pushSubscriptions.remove(caller);
      return undefined;
    },
  };
}
