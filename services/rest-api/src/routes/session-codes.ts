import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";
import { requireSession } from "./sessions.ts";

type Scope = { params: { id: string }; caller: { companyId: string } };

/** Current code for linking a phone, for pages that missed the event. */
export function sessionCodeRoutes(
  database: Database,
  publisher: Publisher,
): HandlersOf<"getSessionQr" | "getSessionPairingCode"> {
  const find = ({ params, caller }: Scope) =>
    database.withCompany(caller.companyId, async ({ sessions }) => requireSession(await sessions.find(params.id)));

  return {
    getSessionQr: async (scope) => {
      const session = await find(scope);
      const qr = await publisher.currentLinkCode(scope.caller.companyId, "qr_code", session.id);
      if (!qr)
        throw new ProblemError("not_found", "No QR code is available now. Connect the session and wait for `qr_code`.");
      const { sessionId, qrCode, expiresAt, attempt } = qr;
      return { sessionId, qrCode, expiresAt, attempt };
    },

    getSessionPairingCode: async (scope) => {
      const session = await find(scope);
      const code = await publisher.currentLinkCode(scope.caller.companyId, "pairing_code", session.id);
      if (!code)
        throw new ProblemError(
          "not_found",
          "No pairing code is available now. Connect the session with a `phoneNumber` and wait for `pairing_code`.",
        );
      const { sessionId, pairingCode, phoneNumber, expiresAt, attempt } = code;
      return { sessionId, pairingCode, phoneNumber, expiresAt, attempt };
    },
  };
}
