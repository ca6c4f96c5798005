import type { OperatorRepository } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { Passwords } from "./passwords.ts";

interface OperatorCredentials {
  OPERATOR_EMAIL?: string | undefined;
  OPERATOR_PASSWORD?: string | undefined;
}

/**
 * Creates the first operator of a new platform. Does nothing when an operator exists or existed, so a stale password grants
 * nothing.
 */
export async function createFirstOperator(
  { OPERATOR_EMAIL: email, OPERATOR_PASSWORD: password }: OperatorCredentials,
  { operators, passwords, log }: { operators: OperatorRepository; passwords: Passwords; log: Logger },
): Promise<void> {
  if (email === undefined || password === undefined) return;
  const passwordHash = await passwords.hash(password);
  const created = await operators.createFirst({ email, name: email, passwordHash });
  if (created) log.info({ operatorId: created.id }, "the first operator was created");
}
