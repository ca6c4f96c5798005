import { createFilesystemPrivateStore } from "@syszap/media-store";
import { accountKeyPurpose, MasterKeys, profileKeyPurpose, SealedSecrets, sessionKeyPurpose } from "@syszap/platform";
import { expect } from "vitest";
import { sweepRemovals } from "../../src/media/removal-sweep.ts";
import { type Api, newInbox, newUser, type TestUser } from "../support/api-test.ts";

export const privateFiles = (directory: string) => createFilesystemPrivateStore(directory, { limitBytes: 1_000_000 });

/** A company with a chat, an archived profile, a proxy and a second factor. */
export async function fill(api: Api, env: NodeJS.ProcessEnv) {
  const owner = await newUser(api);
  const { companyId } = owner;
  const { session, chat } = await newInbox(api, companyId);
  await api.database.withCompany(companyId, ({ sessions }) => sessions.setDesiredState(session.id, "running"));
  const [lease] = await api.database.system.leases.claim({ connectorId: "c1", limit: 1, holding: [] });
  if (!lease) throw new Error("the session was not claimed");
  const keysOf = (variable: string, purpose: string) => MasterKeys.parse(env[variable] ?? "", purpose);
  const archive = Buffer.concat([
    Buffer.from("SZPROF01"),
    keysOf("PROFILE_ENCRYPTION_KEY", profileKeyPurpose).current.id,
    Buffer.from("encrypted"),
  ]);
  const profileKey = `profiles/${companyId}/${session.id}/${lease.generation}-1-abc`;
  const file = await privateFiles(api.mediaDirectory).put(profileKey, archive);
  const accountSecrets = new SealedSecrets(keysOf("ACCOUNT_ENCRYPTION_KEY", accountKeyPurpose), "second factor");
  const proxySecrets = new SealedSecrets(keysOf("SESSION_ENCRYPTION_KEY", sessionKeyPurpose), "proxy");
  await api.database.withCompany(companyId, async ({ profiles, secondFactors, sessionProxies, outboundQueue }) => {
    const stamp = { generation: lease.generation, sequence: 1, engine: "simulator" as const };
    expect(await profiles.record({ ...stamp, ...file, storageKey: profileKey, sessionId: session.id })).toBe(true);
    await secondFactors.begin(owner.userId, accountSecrets.seal(Buffer.from("totp"), owner.userId));
    const sealedCredentials = proxySecrets.seal(Buffer.from("user:password"), session.id);
    await sessionProxies.set(session.id, { scheme: "http", host: "proxy.example", port: 3128, sealedCredentials });
    await outboundQueue.add({ chatId: chat.id, body: "Já te respondo", userId: owner.userId });
  });
  return { owner, session, chat, profileKey, archive };
}

/** Stores messages with files, and deletes some of them with their files, until it is stopped. */
export function startWriting(
  api: Api,
  { companyId }: TestUser,
  inbox: { session: { id: string }; chat: { id: string } },
) {
  let isStopped = false;
  let written = 0;
  const key = (number: number) => ({ sessionId: inbox.session.id, direction: 0 as const, waKey: `key ${number}` });
  const write = async () => {
    const number = written;
    const meta = { companyId, mimeType: "text/plain", fileName: `${number}.txt` };
    const file = await api.media.put(Buffer.from(`file ${number}`), meta);
    await api.database.withCompany(companyId, async ({ media, messages, chatRecorder, messageChanges }) => {
      const message = await messages.insertOnce({
        ...key(number),
        ...{ chatId: inbox.chat.id, kind: "document", body: `message ${number}`, status: null, generation: 1 },
        ...{ mediaId: await media.add(file), timestampMs: 1_700_000_000_000 + number, receipt: number + 10 },
      });
      if (message) await chatRecorder.recordMessage(message);
      if (number % 3 === 2) await messageChanges.applyRevoke(key(number - 1), { timestampMs: Date.now() });
    });
    await sweepRemovals({ database: api.database, store: api.media }, new Date(Date.now() + 60_000));
    written += 1;
  };
  const done = (async () => {
    while (!isStopped) await write();
  })();
  return {
    async until(number: number) {
      while (written < number) await Promise.race([done, new Promise((resolve) => setImmediate(resolve))]);
      return written;
    },
    async stop() {
      isStopped = true;
      await done;
      return written;
    },
  };
}
