import { createRealtimeClient } from "@syszap/client";
import { notifyManager } from "@tanstack/react-query";
import { CallBatches } from "../live/call-batches.ts";
import { deliverInBatches } from "../live/deliver-in-batches.ts";
import { ShownReports } from "../live/shown-reports.ts";
import { api, auth } from "./api.ts";

/** A ticket expires with its access token, so the token must still be valid for a while. */
const ticketTokenLifeMs = 60_000;
const renewedTokenLifeMs = 120_000;

const client = createRealtimeClient({
  url: "/ws",
  getTicket: async ({ reason, signal }) => {
    // Only a renewed token extends the connection, because the ticket carries the token's end.
    if (reason === "refresh") await auth.freshToken(renewedTokenLifeMs);
    return api.call("createRealtimeTicket", {}, { signal, tokenLifeMs: ticketTokenLifeMs });
  },
});
const shownReports = new ShownReports(client);

/**
 * The page's only WebSocket connection (R14), whose events are applied once per animation frame. The provider in `app.tsx` connects it as
 * the signed-in user.
 */
export const websocketService = deliverInBatches(client, new CallBatches((run) => notifyManager.batch(run)));
shownReports.start(websocketService);
websocketService.onStateChange((state) => {
  if (auth.state.get().kind !== "signed_in") return;
  if (state === "signed_out") auth.expire();
  // Either the login has ended, and the refresh fails and signs out, or only the connection is forbidden.
  if (state === "stopped") void auth.refresh().catch(() => undefined);
});
