import dashboard from "./pt-BR/dashboard.json";
import linking from "./pt-BR/linking.json";
import sessions from "./pt-BR/sessions.json";

/** Brazilian Portuguese texts of the pages besides the inbox. */
export const pagesPtBr = { dashboard, linking, sessions };
