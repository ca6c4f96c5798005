import type { MeasuredGateway } from "./measured-gateway.ts";

/** How clients connect to a Socket.IO server: Engine.IO over WebSocket, with the company in the query. */
export const socketIoEndpoint = (
  port: number,
): Pick<MeasuredGateway, "wireProtocol" | "greetings" | "endpointFor"> => ({
  wireProtocol: "engine.io",
  greetings: 2,
  endpointFor: async ({ companyId, group }) => ({
    port,
    path: `/socket.io/?EIO=4&transport=websocket&companyId=${companyId}`,
    headers: {},
    group,
  }),
});
