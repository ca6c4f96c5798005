import type { Message } from "@syszap/contracts";
import type { Outgoing } from "../../../live/outgoing.ts";
import type { Typist } from "../../../live/typing.ts";
import { isSameAuthor } from "../authors/use-author.ts";

/** A row of the list of messages. */
export type Row =
  | { kind: "day"; key: string; timestamp: string }
  | { kind: "unread"; key: "unread"; count: number }
  | { kind: "message"; key: string; message: Message; isFirstOfGroup: boolean }
  | { kind: "pending"; key: string; message: Outgoing; isFirstOfGroup: boolean }
  | { kind: "typing"; key: "typing"; typist: Typist };

/** Stands before the first message that was unread when the chat was opened. */
export interface UnreadLine {
  messageId: string;
  count: number;
}

interface RowsInput {
  messages: readonly Message[];
  pending: readonly Outgoing[];
  unreadLine: UnreadLine | undefined;
  typist: Typist | undefined;
  hasOlder: boolean;
  /** The signed-in user. */
  userId: string;
}

/** All rows, oldest first. Rows before which others are loaded keep their keys and heights, so that they stay in place. */
export function rowsOf({ messages, pending, unreadLine, typist, hasOlder, userId }: RowsInput): Row[] {
  const rows: Row[] = [];
  let before: Message | undefined;
  for (const message of messages) {
    // The day of the first loaded message may have begun before it.
    const isNewDay = before ? dayOf(before) !== dayOf(message) : !hasOlder;
    if (isNewDay) rows.push(dayRow(message));
    const isUnreadLine = message.id === unreadLine?.messageId;
    if (isUnreadLine) rows.push({ kind: "unread", key: "unread", count: unreadLine.count });
    const isFirstOfGroup = isNewDay || isUnreadLine || !before || !isSameAuthor(before, message);
    rows.push((isFirstOfGroup ? firstRow : laterRow)(message));
    before = message;
  }
  for (const [index, message] of pending.entries())
    rows.push((index === 0 && before?.author?.id !== userId ? firstPendingRow : laterPendingRow)(message));
  if (typist) rows.push({ kind: "typing", key: "typing", typist });
  return rows;
}

/** Computes a value once per object. Rows of unchanged messages stay the same objects, so that they are not rendered again. */
function once<Source extends object, Value>(compute: (source: Source) => Value): (source: Source) => Value {
  const values = new WeakMap<Source, Value>();
  return (source) => {
    const known = values.get(source);
    if (known !== undefined) return known;
    const value = compute(source);
    values.set(source, value);
    return value;
  };
}

/** Identifies the calendar day in the device's time zone. */
const dayOf = once(({ timestamp }: Message): number => {
  const time = new Date(timestamp);
  return (time.getFullYear() * 12 + time.getMonth()) * 31 + time.getDate();
});

const dayRow = once(({ id, timestamp }: Message): Row => ({ kind: "day", key: `day ${id}`, timestamp }));
const rowOf = (isFirstOfGroup: boolean) =>
  once((message: Message): Row => ({ kind: "message", key: message.id, message, isFirstOfGroup }));
const pendingRowOf = (isFirstOfGroup: boolean) =>
  once((message: Outgoing): Row => ({ kind: "pending", key: message.key, message, isFirstOfGroup }));
const [firstRow, laterRow] = [rowOf(true), rowOf(false)];
const [firstPendingRow, laterPendingRow] = [pendingRowOf(true), pendingRowOf(false)];

const charactersPerLine = 60;
const [linePx, framePx, mediaPx, otherPx] = [22, 36, 215, 46];

/** The expected height of a row in pixels, before it is measured. */
export function estimatedHeight(row: Row | undefined): number {
  if (row?.kind !== "message" && row?.kind !== "pending") return otherPx;
  const lines = Math.min(18, Math.ceil(row.message.body.length / charactersPerLine));
  return framePx + lines * linePx + (row.message.media ? mediaPx : 0);
}
