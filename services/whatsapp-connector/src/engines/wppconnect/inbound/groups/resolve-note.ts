import { maxGroupParticipants, type Note } from "@syszap/contracts";
import type { NamedAddress } from "../../../contract/engine.ts";
import { type Addresses, isContact } from "../addresses.ts";
import type { ReadNote } from "./notes.ts";
import type { People } from "./people.ts";

/** Replaces the ids in a note by names and numbers. WhatsApp's internal ids are never shown. */
export async function resolveNote(
  { event, actor, targets, text }: ReadNote,
  people: People,
  addresses: Addresses,
): Promise<Note> {
  const shown: NonNullable<Note["targets"]> = [];
  for (const target of targets.filter(isContact).slice(0, maxGroupParticipants))
    shown.push(participantOf(await people.named(target)));
  const known = actor !== undefined && isContact(actor);
  const newNumber = event === "number_changed" ? shown[0]?.number : undefined;
  return {
    event,
    ...(known && { actor: addresses.isOwn(actor) ? null : participantOf(await people.named(actor)) }),
    ...(shown.length > 0 && { targets: shown }),
    ...(text !== undefined && { text }),
    ...(newNumber && { text: newNumber }),
  };
}

const participantOf = ({ name, number, lid }: NamedAddress) => ({ name, number: number === lid ? null : number });
