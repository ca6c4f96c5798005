import { channels } from "@syszap/contracts";
import { revokedAmong } from "@syszap/event-bus";
import { expect } from "vitest";
import { EventRecorder, type TestEnvironment, test } from "./fixtures.ts";

/** Records the commands to the gateways. */
async function openControl({ redis }: TestEnvironment): Promise<EventRecorder> {
  const subscriber = redis.duplicate();
  await subscriber.subscribe(channels.control);
  return new EventRecorder(subscriber);
}
const nextCommand = (control: EventRecorder, expected: object) =>
  control.next(({ data }) => JSON.stringify(data) === JSON.stringify(expected));

test("closes the sockets of logins whose process was killed between the commit and the command", async ({
  environment,
}) => {
  const { db, redis } = environment;
  const { companyId } = await environment.openCompany();
  const password = { companyId, email: "ana@example.com", name: "Ana", role: "agent", passwordHash: "old" } as const;
  const { userId } = await db.system.logins.createUser(password);
  const [kept, ended] = [
    await db.system.refreshTokens.issue({ companyId, userId }),
    await db.system.refreshTokens.issue({ companyId, userId }),
  ];
  const control = await openControl(environment);
  // The process that changes the password ends with this commit.
  const change = { from: "old", to: "new" };
  await db.system.logins.changePassword({ companyId, userId, keep: kept.loginId }, change, { kind: "system" });
  expect(control.received).toEqual([]);

  await environment.startWorker();
  await nextCommand(control, { kind: "disconnect_login", companyId, loginId: ended.loginId });
  expect(await revokedAmong(redis, [kept.loginId, ended.loginId])).toEqual(new Set([ended.loginId]));
  await control.close();
});

test("closes a company whose process was killed between its suspension and the command, and reopens it", async ({
  environment,
}) => {
  const { db, redis } = environment;
  const { companyId } = await environment.openCompany();
  const control = await openControl(environment);
  await db.system.companyLifecycle.suspend(companyId, { kind: "system" });
  await environment.startWorker();
  await nextCommand(control, { kind: "disconnect_company", companyId });
  expect(await revokedAmong(redis, [companyId])).toEqual(new Set([companyId]));
  await db.system.companyLifecycle.reopen(companyId, { kind: "system" });
  await expect.poll(() => revokedAmong(redis, [companyId]), { timeout: 120_000 }).toEqual(new Set());
  await control.close();
});
