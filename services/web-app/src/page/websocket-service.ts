import { createRealtimeClient } from "@syszap/client";
import { Api } from "../api/api.ts";
import { ApiKeyApi } from "../api/api-keys.ts";
import { Auth } from "../api/auth.ts";
import { DeadLetterApi } from "../api/dead-letters.ts";
import { Http } from "../api/http.ts";
import { WebhookApi } from "../api/webhooks.ts";

/** Made once for the page: who is signed in, what may be asked for, and the one connection. */
export const auth = new Auth();
const http = new Http(auth);
export const api = new Api(http);
export const apiKeyApi = new ApiKeyApi(http);
export const webhookApi = new WebhookApi(http);
export const deadLetterApi = new DeadLetterApi(http, "/v1/dead-letters");

/** The page's one connection (R14). The provider in `app.tsx` connects it as whoever is signed in. */
export const websocketService = createRealtimeClient({
  url: "/ws",
  getTicket: async ({ reason, signal }) => {
    // The ticket carries the end of its access token: only a renewed token prolongs a connection.
    if (reason === "refresh") await auth.freshToken(120_000);
    return api.ticket(signal);
  },
});
websocketService.onStateChange((state) => {
  if (auth.state.get().kind !== "signed_in") return;
  if (state === "signed_out") auth.expire();
  // Not allowed any more: either this login is over, and that ends here, or only the connection is refused.
  if (state === "stopped") void auth.refresh().catch(() => undefined);
});
