import { useEffect, useState } from "react";

/** The token after it was removed from the address; Strict Mode reads it twice. */
let held = "";

/**
 * Returns the token after `#` in the page's address and removes it from there, so that it is neither bookmarked nor kept in the
 * browser's history. Empty if the address has none.
 */
function takeLinkToken(): string {
  const fragment = window.location.hash.slice(1);
  if (fragment !== "") {
    held = fragment;
    window.history.replaceState(window.history.state, "", window.location.pathname);
  }
  return held;
}

/** The token of the link that opened this page, or of one that was pasted into the open page. */
export function useLinkToken(): string {
  const [token, setToken] = useState(takeLinkToken);
  useEffect(() => {
    const onChange = () => setToken(takeLinkToken());
    window.addEventListener("hashchange", onChange);
    return () => {
      held = "";
      window.removeEventListener("hashchange", onChange);
    };
  }, []);
  return token;
}
