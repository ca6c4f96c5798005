import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { OpenHop } from "./hop.ts";

/** About the size of a message in the spool. */
const record = Buffer.alloc(500, "x");

/** One synced write, as the connector makes before it confirms a message. */
export const openDiskHop: OpenHop = async ({ folder }) => {
  const { O_WRONLY, O_CREAT, O_DSYNC } = constants;
  const file = await open(join(folder, "hop"), O_WRONLY | O_CREAT | O_DSYNC);
  let last: Promise<unknown> = Promise.resolve();
  let position = 0;
  return {
    pass: () => {
      const at = position;
      position += record.byteLength;
      last = last.then(() => file.write(record, 0, record.byteLength, at));
      return last;
    },
    close: () => file.close(),
  };
};
