import { wholeCompany } from "@syszap/contracts";
import { expect, test } from "vitest";
import type { Durable, LogPage } from "../src/chain.ts";
import { ChannelReader } from "../src/channel-reader.ts";
import { toCursor } from "../src/header.ts";
import { silent } from "./recorder.ts";

const linkOf = (seq: number) => seq.toString(16).padStart(16, "a");
const position = (seq: number) => ({ seq, link: linkOf(seq) });
const publication = (seq: number): Durable => ({
  header: {
    position: position(seq),
    prev: linkOf(seq - 1),
    expiresAt: 0,
    audience: wholeCompany,
    isAccessChange: false,
  },
  frame: Buffer.from(`event ${seq}`),
});

test("recovers a client that is ahead, although a read from before its last event was in progress", async () => {
  const pages: ((page: LogPage) => void)[] = [];
  const emitted: string[] = [];
  const log = {
    openHead: async () => position(0),
    range: async () => [],
    page: () => new Promise<LogPage>((resolve) => pages.push(resolve)),
  };
  const sink = {
    deliver: ({ frame }: { frame: Buffer }) => void emitted.push(frame.toString()),
    resync: () => void emitted.push("resync"),
  };
  const reader = new ChannelReader("acme", log, sink, silent);
  await reader.open();
  void reader.verify(position(1));
  const admitted = reader.admit(toCursor(position(2)), ({ recovered }) => emitted.push(`recovered ${recovered}`));
  pages[0]?.({ entries: [publication(1)], head: position(1), isLast: true });
  await expect.poll(() => pages.length).toBe(2);
  pages[1]?.({ entries: [publication(2)], head: position(2), isLast: true });
  await admitted;
  expect(emitted).toEqual(["event 1", "event 2", "recovered true"]);
});
