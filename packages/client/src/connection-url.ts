/** Undefined for a program with an API key: the ticket names both. */
export interface Identity {
  companyId: string | undefined;
  userId: string | undefined;
}

/** Returns the URL of the WebSocket. A relative `base` is resolved against the page. */
export function connectionUrl(base: string, user: Identity, ticket: string, since: string | undefined): string {
  const url = new URL(base, globalThis.location?.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (user.companyId !== undefined) url.searchParams.set("companyId", user.companyId);
  if (user.userId !== undefined) url.searchParams.set("userId", user.userId);
  url.searchParams.set("ticket", ticket);
  if (since !== undefined) url.searchParams.set("since", since);
  return url.href;
}
