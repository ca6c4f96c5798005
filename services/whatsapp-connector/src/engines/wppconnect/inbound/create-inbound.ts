import type { EngineContext } from "../../contract/engine.ts";
import { phoneOf } from "../page/account.ts";
import { readGroup, readName } from "../page/groups.ts";
import { Addresses } from "./addresses.ts";
import { EventTranslator } from "./event-translator.ts";
import { Facts } from "./facts.ts";
import { Groups } from "./groups/groups.ts";
import { People } from "./groups/people.ts";

type InPage = <Argument, Result>(
  run: (argument: Argument) => Result | Promise<Result>,
  argument: Argument,
) => Promise<Result>;

/** Creates the parts that translate what the page emits. */
export function createInbound(
  { listener, log, groups: isIncluded = false }: Pick<EngineContext, "listener" | "log" | "groups">,
  inPage: InPage,
) {
  const addresses = new Addresses((lid) => inPage(phoneOf, lid));
  const people = new People(addresses, (ids) => inPage(readName, ids));
  const groups = new Groups(addresses, (wanted) => inPage(readGroup, wanted));
  groups.include(isIncluded);
  const parts = { facts: new Facts(addresses, people), addresses, groups };
  const translator = new EventTranslator(parts, listener, log);
  return { addresses, groups, translator };
}
