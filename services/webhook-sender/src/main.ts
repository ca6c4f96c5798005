import { main } from "@syszap/platform";
import { loadConfig } from "./config.ts";
import { startWebhookSender } from "./service.ts";

main("webhook-sender", async ({ log, lifecycle }) => {
  await startWebhookSender({ config: loadConfig(process.env), log, lifecycle });
});
