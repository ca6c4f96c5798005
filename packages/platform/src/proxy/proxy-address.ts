export interface ProxyAddress {
  scheme: "http" | "socks5";
  /** Host name, or IP address without brackets. */
  host: string;
  port: number;
  credentials: { username: string; password: string } | null;
}

/**
 * Why no connection through the proxy was made. `login_refused`: it does not accept the credentials, or requires some.
 * `target_refused`: it does not connect to the target.
 */
export type ProxyFailure =
  | "address_not_public"
  | "name_not_found"
  | "not_reachable"
  | "no_answer_in_time"
  | "not_a_proxy"
  | "login_refused"
  | "target_refused";

/** The message contains no credentials. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  constructor(
    readonly failure: ProxyFailure,
    detail: string,
  ) {
    super(`the proxy could not be used (${failure}): ${detail}`);
  }
}
