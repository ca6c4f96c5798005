import { main } from "@syszap/platform";
import { loadConfig } from "./config.ts";
import { startMessageWorker } from "./service.ts";

main("message-worker", async ({ log, lifecycle }) => {
  await startMessageWorker({ config: loadConfig(process.env), log, lifecycle });
});
