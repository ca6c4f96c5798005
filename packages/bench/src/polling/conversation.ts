import { Random } from "@syszap/testing/oracle";

/** One message of a customer. */
export interface Line {
  /** From the start of the conversation. */
  atMs: number;
  company: number;
  body: string;
}

/** Mean time between two messages of one company. */
const meanGapMs = 5_000;
const seed = 12;

/** Returns the same conversation for the same size: one customer per company writes at random times. */
export function conversationOf(companies: number, durationMs: number): Line[] {
  const lines: Line[] = [];
  for (let company = 0; company < companies; company += 1) {
    const random = new Random(seed + company);
    let number = 0;
    for (let atMs = random.between(0, 2 * meanGapMs); atMs < durationMs; atMs += random.between(0, 2 * meanGapMs)) {
      lines.push({ atMs, company, body: `mensagem ${company} ${number} ${"x".repeat(random.between(0, 120))}` });
      number += 1;
    }
  }
  return lines.toSorted((a, b) => a.atMs - b.atMs);
}
