import { main } from "@syszap/platform";
import { loadConfig } from "./config.ts";
import { startConnector } from "./connector.ts";

main("whatsapp-connector", async ({ log, lifecycle, fail }) => {
  const config = loadConfig(process.env);
  const { port } = await startConnector({ config, log, lifecycle, fail });
  log.info({ port, connectorId: config.CONNECTOR_ID }, "connector is up");
});
