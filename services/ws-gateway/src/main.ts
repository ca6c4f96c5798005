import { main } from "@syszap/platform";
import { loadConfig } from "./config.ts";
import { startGateway } from "./server.ts";

main("ws-gateway", async ({ log, lifecycle }) => {
  await startGateway({ config: loadConfig(process.env), log, lifecycle });
});
