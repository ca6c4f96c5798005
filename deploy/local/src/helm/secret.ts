import type { ISecret } from "kubernetes-models/v1";
import { fillVariables } from "../compose-file.ts";
import { components } from "./components.ts";
import { entriesOf, isRequired, isSecret, secretKey } from "./environment.ts";

export interface SecretOptions {
  /** Variables of a file that `syszap init` wrote. */
  variables: Record<string, string | undefined>;
  name: string;
  /** Host and port. */
  postgres: string;
  redis: string;
}

/** The Secret that the chart mounts: what docker-compose.yml makes of these variables, with other addresses of Postgres and Redis. */
export function secretOf({ variables, name, postgres, redis }: SecretOptions): ISecret {
  const stringData: Record<string, string> = {};
  for (const component of components) {
    for (const [variable, value] of entriesOf(component)) {
      const text = String(value);
      if (!isSecret(text) || isPasswordMissing(text, variables)) continue;
      const filled = fillVariables(text, { ...variables, DATABASE_HOST: postgres })
        .replace("@postgres:5432/", `@${postgres}/`)
        .replace("@redis:6379", `@${redis}`);
      if (filled !== "") stringData[secretKey(component, variable)] = filled;
    }
  }
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, type: "Opaque", stringData };
}

/** An address without its optional password is no address. */
const isPasswordMissing = (text: string, variables: SecretOptions["variables"]) =>
  isRequired(text) && fillVariables(text, variables).includes(":@");
