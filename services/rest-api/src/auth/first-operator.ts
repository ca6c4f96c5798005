import type { OperatorRepository } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { Passwords } from "./passwords.ts";

interface FirstOperator {
  OPERATOR_EMAIL?: string | undefined;
  OPERATOR_PASSWORD?: string | undefined;
}

/** Somebody must be the first to run a new platform. Does nothing once there was any operator, so a password in the environment opens nothing later. */
export async function createFirstOperator(
  { OPERATOR_EMAIL: email, OPERATOR_PASSWORD: password }: FirstOperator,
  given: { operators: OperatorRepository; passwords: Passwords; log: Logger },
): Promise<void> {
  if (email === undefined || password === undefined) return;
  const passwordHash = await given.passwords.hash(password);
  const created = await given.operators.createFirst({ email, name: email, passwordHash });
  if (created) given.log.info({ operatorId: created.id }, "the first operator was created");
}
