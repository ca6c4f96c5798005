import { composeWith } from "./compose-file.ts";
import { version } from "./helm/values.ts";

export interface Machine {
  /** Variables of a file that `syszap init` wrote. */
  variables: Record<string, string>;
  /** Folder for files, profiles and spool. */
  data: string;
  /** Host and port of the servers. */
  postgres: string;
  redis: string;
}

/** Ports of the services on one machine without containers. */
export const ports: Record<string, number> = {
  "rest-api": 8081,
  "ws-gateway": 8082,
  "message-worker": 8083,
  "webhook-sender": 8084,
  "whatsapp-connector": 8085,
};

/** The environment that docker-compose.yml gives to a service, for a process on this machine. */
export function environmentOnMachine(service: string, machine: Machine): Record<string, string> {
  const environment = composeWith({ DATABASE_HOST: machine.postgres, SYSZAP_VERSION: version, ...machine.variables })
    .services[service]?.environment;
  if (environment === undefined) throw new Error(`docker-compose.yml has no service ${service} with an environment`);
  const onThisMachine = (value: string) =>
    value
      .replace("@postgres:5432/", `@${machine.postgres}/`)
      .replace("@redis:6379", `@${machine.redis}`)
      .replace("//rest-api:8080/", `//127.0.0.1:${ports["rest-api"]}/`)
      .replace(/^\/data\b/, machine.data);
  const entries = Object.entries(environment)
    .map(([name, value]) => [name, onThisMachine(String(value))] as const)
    .filter(([, value]) => value !== "");
  const port = ports[service];
  return {
    ...Object.fromEntries(entries),
    ...(port !== undefined && { HOST: "127.0.0.1", PORT: String(port) }),
    // The front runs on this machine.
    ...("TRUSTED_PROXIES" in environment && { TRUSTED_PROXIES: "127.0.0.1" }),
    ...(service === "web-app" && {
      FRONT_REST_API: `127.0.0.1:${ports["rest-api"]}`,
      FRONT_WS_GATEWAY: `127.0.0.1:${ports["ws-gateway"]}`,
    }),
  };
}

/** The text of a file for systemd's `EnvironmentFile`. */
export const environmentFile = (environment: Record<string, string>): string =>
  Object.entries(environment)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\$`]/g, "\\$&")}"\n`)
    .join("");
