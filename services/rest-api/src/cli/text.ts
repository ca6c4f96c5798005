import type { OwnerInvitation } from "@syszap/contracts";

/** Rows with aligned columns. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Says how the person receives the link. */
export const invitationText = ({ email, link, expiresAt }: OwnerInvitation): string =>
  link === null
    ? `${email} receives the link by e-mail. It is valid until ${expiresAt}.`
    : `Send this link to ${email}. It is shown only now and valid until ${expiresAt}:\n\n  ${link}`;
