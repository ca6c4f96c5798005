import { Publisher } from "@syszap/event-bus";
import { Redis } from "ioredis";
import { PacedLoad } from "../load/paced.ts";

const [redisUrl = "", companyId = "", perSecond = "0"] = process.argv.slice(2);
const silent = { info: () => {}, warn: () => {}, error: () => {} };

const publisher = new Publisher(new Redis(redisUrl, { enableAutoPipelining: true }), silent);
const load = new PacedLoad({
  publish: (id, event) => publisher.publishDurable(id, [event]),
  companyIds: [companyId],
  perSecond: Number(perSecond),
});
process.on("message", () => {
  load.stop();
  process.send?.({ published: load.published });
});
process.on("disconnect", () => process.exit(0));
