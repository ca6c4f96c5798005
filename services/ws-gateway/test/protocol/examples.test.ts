import { readFile } from "node:fs/promises";
import { ClientFrame, ControlFrame, Cursor, catalog, isEventType, Problem, RealtimeTicket } from "@syszap/contracts";
import { expect, test } from "vitest";
import { z } from "zod";

/** Returns each complete JSON object of the page, from code blocks and inline code, with its heading. */
async function examples(): Promise<{ heading: string; text: string }[]> {
  const page = await readFile(new URL("../../../../docs/protocol.md", import.meta.url), "utf8");
  return page.split(/^#+ /m).flatMap((section) => {
    const heading = section.split("\n", 1)[0] ?? "";
    const blocks = [...section.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]) => text.trim());
    const lines = [...section.replaceAll(/```[\s\S]*?```/g, "").matchAll(/`(\{[^`]*\})`/g)].map(
      ([, text = ""]) => text,
    );
    return [...blocks, ...lines].map((text) => ({ heading, text }));
  });
}

function schemaOf(heading: string, example: Record<string, unknown>): z.ZodType {
  if ("ticket" in example) return RealtimeTicket;
  const type = String(example.type);
  if (type === "about:blank") return Problem;
  if (heading === "From the client") return ClientFrame;
  if (!isEventType(type)) return ControlFrame;
  const { data, durable } = catalog[type];
  const position = { seq: z.number().int(), cursor: Cursor, version: z.number().int() };
  return z.strictObject({
    type: z.literal(type),
    id: z.uuid(),
    data: z.strictObject(data.shape),
    ...(durable && position),
  });
}

test("every example in docs/protocol.md matches its schema", async () => {
  const found = await examples();
  const kinds = new Set<string>();
  for (const { heading, text } of found) {
    const example = JSON.parse(text) as Record<string, unknown>;
    kinds.add("ticket" in example ? "ticket" : String(example.type));
    const parsed = schemaOf(heading, example).safeParse(example);
    expect(parsed.error && z.prettifyError(parsed.error), text).toBeUndefined();
  }
  const control = ControlFrame.options.map(({ shape }) => shape.type.value);
  const client = ClientFrame.options.map(({ shape }) => shape.type.value);
  expect([...kinds].sort()).toEqual(
    [...new Set(["ticket", "about:blank", "chat_update", ...control, ...client])].sort(),
  );
});
