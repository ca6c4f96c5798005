import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Creates a temporary folder with mode 0700. */
export const scratchFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "syszap-e2e-"));
