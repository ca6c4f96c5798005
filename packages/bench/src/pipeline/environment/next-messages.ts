import { randomUUID } from "node:crypto";
import type { MessageJob } from "@syszap/contracts";
import type { Tenant } from "./pipeline-environment.ts";

/** Number of customers per phone. */
const customers = 250;
const body = "Bom dia! O bolo de cenoura de sábado ainda pode ser encomendado?";
let receipts = 0;

/** Creates message jobs for the tenants in turn, as connectors add them to the queue. */
export function nextMessages(tenants: readonly Tenant[], count: number): MessageJob[] {
  return Array.from({ length: count }, () => {
    const receipt = receipts++;
    const tenant = tenants[receipt % tenants.length];
    if (!tenant) throw new Error("The list of tenants is empty.");
    const number = `55119${10_000_000 + (Math.floor(receipt / tenants.length) % customers)}`;
    return {
      ...tenant,
      ...{ waKey: `3EB0${randomUUID()}`, direction: 0, waChatId: `${number}@c.us`, kind: "text", body },
      ...{ client: { number, name: "Cliente" }, timestampMs: Date.now(), generation: 1, receipt, isHistory: false },
    };
  });
}
