import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import {
  maxApiKeys,
  maxClientFrameBytes,
  maxConsumerEvents,
  maxConsumers,
  maxConsumerWaitSeconds,
  maxFileNameLength,
  maxJsonBodyBytes,
  maxMessageBodyLength,
  maxPageSize,
  maxRedriven,
  maxSearchLength,
  maxWaitingRequests,
  maxWebhooks,
} from "../src/index.ts";

const number = (value: number) => value.toLocaleString("en-US");
const kib = (bytes: number) => `${bytes / 1024} KiB`;

/** Beginning of a row in the section "Limits" of docs/consuming.md, and of its second column. */
const limits: Record<string, string> = {
  "JSON body": kib(maxJsonBodyBytes),
  "text or caption of a message": `${number(maxMessageBodyLength)} UTF-16 units`,
  "page of a list, search text, file name": `${maxPageSize} items, ${maxSearchLength} characters, ${maxFileNameLength} characters`,
  "API keys, webhook endpoints, consumers of a company": `${maxApiKeys}, ${maxWebhooks}, ${maxConsumers}`,
  "events in one answer to a consumer, time that it waits": `${number(maxConsumerEvents)}, ${maxConsumerWaitSeconds} s; ${maxWaitingRequests} waiting requests`,
  "dead letters or deliveries in one redrive": number(maxRedriven),
  "frame of a client": kib(maxClientFrameBytes),
};

test.for(Object.entries(limits))("docs/consuming.md states the limit: %s", async ([name, value]) => {
  const page = await readFile(new URL("../../../docs/consuming.md", import.meta.url), "utf8");
  expect(page).toContain(`\n| ${name} | ${value}`);
});

test("docs/consuming.md describes a consumer with its limits", async () => {
  const page = (await readFile(new URL("../../../docs/consuming.md", import.meta.url), "utf8")).replace(/\s+/g, " ");
  expect(page).toContain(`A company can have ${maxConsumers} consumers.`);
  expect(page).toContain(`**Read** up to ${number(maxConsumerEvents)} events`);
  expect(page).toContain(`(at most ${maxConsumerWaitSeconds}; ${maxWaitingRequests} waiting requests per company`);
});
