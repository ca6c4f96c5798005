import { useState } from "react";

/** Items that are chosen from a searched list. They stay listed, at the top, whatever is searched next. */
export function useChosen<Item extends { id: string }>(found: readonly Item[], max: number) {
  const [chosen, setChosen] = useState<Item[]>([]);
  const chosenIds = chosen.map(({ id }) => id);
  const listed = [...chosen, ...found.filter(({ id }) => !chosenIds.includes(id))];
  return {
    chosen,
    chosenIds,
    listed,
    isTooMany: chosen.length > max,
    choose: (ids: readonly string[]) => setChosen(listed.filter(({ id }) => ids.includes(id))),
  };
}
