import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";
import { known } from "./sessions.ts";

type Scope = { params: { id: string }; caller: { companyId: string } };

/** For pages whose event was missed: what a phone can be linked by at this moment. */
export function sessionCodeRoutes(
  database: Database,
  publisher: Publisher,
): HandlersOf<"getSessionQr" | "getSessionPairingCode"> {
  const find = ({ params, caller }: Scope) =>
    database.withCompany(caller.companyId, async ({ sessions }) => known(await sessions.find(params.id)));

  return {
    getSessionQr: async (scope) => {
      const session = await find(scope);
      const qr = await publisher.currentQr(scope.caller.companyId, session.id);
      if (!qr)
        throw new ProblemError(
          "not_found",
          "There is no QR code to scan now. Connect the session and wait for `qr_code`.",
        );
      const { sessionId, qrCode, expiresAt, attempt } = qr;
      return { sessionId, qrCode, expiresAt, attempt };
    },

    getSessionPairingCode: async (scope) => {
      const session = await find(scope);
      const code = await publisher.currentPairingCode(scope.caller.companyId, session.id);
      if (!code)
        throw new ProblemError(
          "not_found",
          "There is no code to type now. Connect the session with a `phoneNumber` and wait for `pairing_code`.",
        );
      const { sessionId, pairingCode, phoneNumber, expiresAt, attempt } = code;
      return { sessionId, pairingCode, phoneNumber, expiresAt, attempt };
    },
  };
}
