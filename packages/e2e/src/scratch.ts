import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that nobody but its owner can enter. */
export const scratchFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "syszap-e2e-"));
