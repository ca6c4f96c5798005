import { createRealtimeClient, TicketError } from "@syszap/client";

/** Create one per app. `accessToken` returns the current access token of the REST API. */
export function createWebsocketService(origin: string, accessToken: () => string) {
  return createRealtimeClient({
    url: `${origin}/ws`,
    async getTicket({ signal }) {
      const headers = { Authorization: `Bearer ${accessToken()}` };
      const answer = await fetch(`${origin}/v1/realtime/ticket`, { method: "POST", headers, signal });
      if (answer.ok) return answer.json(); // { ticket, cursor }
      throw new TicketError(answer.status, Number(answer.headers.get("Retry-After") ?? 0) * 1_000);
    },
  });
}

export function showMessages(
  websocketService: ReturnType<typeof createWebsocketService>,
  user: { companyId: string; userId: string },
  page: { append(body: string): void; refetch(): void; showState(state: string): void },
) {
  const stopListening = websocketService.on("new_message", (data) => page.append(data.Body));
  websocketService.on("resync", () => page.refetch());
  websocketService.onStateChange((state) => page.showState(state));
  websocketService.connect(user.companyId, user.userId);
  return () => {
    stopListening();
    websocketService.disconnect();
  };
}
