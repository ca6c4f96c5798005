import { direction } from "@syszap/contracts/constants";
import { useEffect, useState } from "react";
import { mayManageSessions, useMe } from "../../page/me.ts";
import { useChats, useSessions } from "../../page/queries.ts";
import { usePeople } from "../people/use-people.ts";

export type ChecklistStep = "people" | "number" | "message";

export interface Checklist {
  steps: { step: ChecklistStep; isDone: boolean }[];
  dismiss: () => void;
}

const storageKey = (userId: string): string => `syszap.checklist.${userId}`;

/**
 * The first steps of a new company, derived from its data. Undefined for agents, while the data is read, and after the steps were
 * done or dismissed, which this device remembers.
 */
export function useChecklist(): Checklist | undefined {
  const me = useMe();
  const [isOver, setOver] = useState(() => localStorage.getItem(storageKey(me.userId)) !== null);
  const isWanted = mayManageSessions(me) && !isOver;
  const people = usePeople(isWanted).data;
  const sessions = useSessions().data;
  const chats = useChats("").items;
  const end = () => {
    localStorage.setItem(storageKey(me.userId), "1");
    setOver(true);
  };
  const isRead = isWanted && people !== undefined && sessions !== undefined && chats !== undefined;
  const steps: Checklist["steps"] = [
    { step: "people", isDone: (people?.length ?? 0) > 1 },
    { step: "number", isDone: sessions?.some(({ phoneNumber }) => phoneNumber !== null) ?? false },
    { step: "message", isDone: chats?.some(({ lastMessage }) => lastMessage?.direction === direction.out) ?? false },
  ];
  const isComplete = isRead && steps.every(({ isDone }) => isDone);
  // Stored, because a later answer of a customer would reopen the last step.
  useEffect(() => {
    if (isComplete) localStorage.setItem(storageKey(me.userId), "1");
  }, [isComplete, me.userId]);
  return isRead && !isComplete ? { steps, dismiss: end } : undefined;
}
