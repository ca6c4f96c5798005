const maxFields = 40;
const maxLength = 1_000;

/** Describes a payload for error reports: names, types and sizes of its fields, without any content. */
export function summarizePayload(payload: unknown): string {
  return describe(payload, 2).slice(0, maxLength).toWellFormed();
}

function describe(value: unknown, depth: number): string {
  if (value === null) return "null";
  if (typeof value === "string") return `text of ${value.length}`;
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value !== "object") return typeof value;
  const fields = Object.entries(value);
  if (depth === 0) return `object of ${fields.length}`;
  const described = fields
    .slice(0, maxFields)
    .map(([name, field]) => `${name.slice(0, 40)}: ${describe(field, depth - 1)}`);
  return `{ ${described.join(", ")}${fields.length > maxFields ? ", …" : ""} }`;
}
