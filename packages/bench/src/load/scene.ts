import { randomUUID } from "node:crypto";
import type { Contender, Member, StartContender } from "../contenders/contender.ts";
import { Crowd } from "../crowd/crowd.ts";

/** A contender with its clients connected. */
export interface Scene {
  name: string;
  contender: Contender;
  crowd: Crowd;
  companyIds: string[];
  clientsPerCompany: number;
}

/** Undefined when the contender can't run here. Clients are counted in the group of their company's number. */
export async function openScene(
  [name, start]: readonly [string, StartContender],
  options: { redisUrl: string; companies: number; clients: number },
  onEnd: (close: () => Promise<unknown>) => void,
): Promise<Scene | undefined> {
  const contender = await start(options.redisUrl);
  if (!contender) return undefined;
  onEnd(() => contender.close());
  const crowd = new Crowd();
  onEnd(() => crowd.close());
  const companyIds = Array.from({ length: options.companies }, () => randomUUID());
  const clientsPerCompany = options.clients / options.companies;
  const scene: Scene = { name, contender, crowd, companyIds, clientsPerCompany };
  await fillScene(scene, clientsPerCompany);
  return scene;
}

const membersAtOnce = 500;

/** Lets more clients in. In parts: a ticket must be used soon after it was made. */
export async function fillScene({ contender, crowd, companyIds }: Scene, morePerCompany: number): Promise<void> {
  const members: Member[] = companyIds.flatMap((companyId, group) =>
    Array.from({ length: morePerCompany }, () => ({ companyId, userId: randomUUID(), group })),
  );
  const { dialect, greetings } = contender;
  for (let from = 0; from < members.length; from += membersAtOnce) {
    const part = members.slice(from, from + membersAtOnce);
    const doors = await Promise.all(part.map((member) => contender.doorFor(member)));
    await crowd.connect(doors, { dialect, greetings });
  }
}
