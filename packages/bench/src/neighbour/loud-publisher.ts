import { Publisher } from "@syszap/event-bus";
import { Redis } from "ioredis";
import { PacedLoad } from "../load/paced.ts";

const [redisUrl = "", companyId = "", perSecond = "0"] = process.argv.slice(2);
const silent = { info: () => {}, warn: () => {}, error: () => {} };

const redis = new Redis(redisUrl, { enableAutoPipelining: true });
const publisher = new Publisher(redis, silent);
await redis.ping();
process.send?.("publishing");
const load = new PacedLoad({
  publish: (id, event) => publisher.publishDurable(id, [event]),
  companyIds: [companyId],
  perSecond: Number(perSecond),
});
process.on("message", async () => {
  await load.stop(); // an error ends this process, and with it the benchmark
  process.send?.({ published: load.published });
});
process.on("disconnect", () => process.exit(0));
