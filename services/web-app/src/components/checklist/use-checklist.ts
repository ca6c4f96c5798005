import { direction } from "@syszap/contracts/constants";
import { useEffect, useState } from "react";
import { mayManageSessions, useMe } from "../../page/me.ts";
import { useChats, useSessions } from "../../page/queries.ts";
import { usePeople } from "../people/use-people.ts";

const checklistSteps = ["people", "number", "message"] as const;
export type ChecklistStep = (typeof checklistSteps)[number];

export interface Checklist {
  steps: { step: ChecklistStep; isDone: boolean }[];
  dismiss: () => void;
}

const storageKey = (userId: string): string => `syszap.checklist.${userId}`;
/** Stored instead of the steps when all are done, or when the user dismissed them. */
const over = "1";

/**
 * The first steps of a new company, derived from its data. Undefined for agents, while the data is read, and after the steps were
 * done or dismissed. This device remembers each step that was done, because the data may stop showing it: a customer answers, a
 * phone is unlinked.
 */
export function useChecklist(): Checklist | undefined {
  const me = useMe();
  const [stored, setStored] = useState(() => localStorage.getItem(storageKey(me.userId)) ?? "");
  const isWanted = mayManageSessions(me) && stored !== over;
  const people = usePeople(isWanted).data;
  const sessions = useSessions().data;
  const chats = useChats("").items;
  const known = stored.split(",");
  const isRead = isWanted && people !== undefined && sessions !== undefined && chats !== undefined;
  const seen: Record<ChecklistStep, boolean> = {
    people: (people?.length ?? 0) > 1,
    number: sessions?.some(({ phoneNumber }) => phoneNumber !== null) ?? false,
    message: chats?.some(({ lastMessage }) => lastMessage?.direction === direction.out) ?? false,
  };
  const steps = checklistSteps.map((step) => ({ step, isDone: seen[step] || known.includes(step) }));
  const done = steps.filter(({ isDone }) => isDone).map(({ step }) => step);
  const next = done.length === steps.length ? over : done.join();
  useEffect(() => {
    if (isRead) setStored(next);
  }, [isRead, next]);
  useEffect(() => {
    if (stored !== "") localStorage.setItem(storageKey(me.userId), stored);
  }, [stored, me.userId]);
  return isRead && next !== over ? { steps, dismiss: () => setStored(over) } : undefined;
}
