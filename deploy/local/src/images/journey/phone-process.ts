import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { startStandIn } from "@syszap/whatsapp-web-stand-in";

interface Command {
  name: "scan" | "receive" | "sent";
  from?: string;
  body?: string;
}

/**
 * The phone and its WhatsApp Web in the network of the connector's container. Reads one command per line from standard input, and answers
 * each with a line of JSON.
 */
const standIn = await startStandIn();
const phone = standIn.phone("5511999990000", "Loja");
const answers = {
  scan: async () => {
    while (standIn.codes.length === 0) await delay(100);
    standIn.scan(standIn.codes[0] ?? "", phone);
    return phone.number;
  },
  receive: async ({ from = "", body = "" }: Command) => phone.receive({ from, name: "Ana", body }),
  sent: async () => phone.sent.map(({ body }) => body),
};
process.stdout.write(`${JSON.stringify(standIn.address)}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  process.stdout.write(`${JSON.stringify(await answers[command.name](command))}\n`);
}
await standIn.close();
