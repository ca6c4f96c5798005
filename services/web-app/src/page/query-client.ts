import { createQueryClient } from "../live/query-client.ts";

/** Caches the answers of the REST API for this page. */
export const queryClient = createQueryClient();
