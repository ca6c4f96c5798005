import dashboard from "./en/dashboard.json";
import linking from "./en/linking.json";
import sessions from "./en/sessions.json";
import type { pagesPtBr } from "./pages-pt-br.ts";

/** English texts of the pages besides the inbox. */
export const pagesEn = { dashboard, linking, sessions } satisfies typeof pagesPtBr;
