import { ApiClient } from "../api/api-client.ts";
import { Auth } from "../api/auth.ts";

/** The login of this page and the REST API as its user. */
export const auth = new Auth();
export const api = new ApiClient(auth);
