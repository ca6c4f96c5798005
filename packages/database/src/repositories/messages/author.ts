import type { Author } from "@syszap/contracts";

/**
 * SQL: the name of the user who wrote the message `alias`. A lookup by primary key, and none for messages without an author, so that
 * storing received messages costs nothing.
 */
export const authorNameOf = (alias: string): string =>
  `case when ${alias}.user_id is not null then (
    select u.name from users u where u.company_id = ${alias}.company_id and u.id = ${alias}.user_id) end`;

/** Empty for a message without an author: a received one, or one that was sent on the phone itself. */
export const authorOf = (id: string | null | undefined, name: string | null | undefined): { author?: Author } =>
  id && typeof name === "string" ? { author: { id, name } } : {};
