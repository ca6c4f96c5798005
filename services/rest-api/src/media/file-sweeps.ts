import type { Database } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { startUploadSweep } from "../sending/upload-sweep.ts";
import { startRemovalSweep } from "./removal-sweep.ts";

/** Starts the removal of files that nothing uses any more. Returns a function that stops it. */
export function startFileSweeps(dependencies: {
  database: Database;
  store: MediaStore;
  log: Logger;
}): () => Promise<void> {
  const stops = [startUploadSweep(dependencies), startRemovalSweep(dependencies)];
  return async () => void (await Promise.all(stops.map((stop) => stop())));
}
