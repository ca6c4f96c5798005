import { isMainThread } from "node:worker_threads";
import { runGuard } from "./guard.ts";
import { runHost } from "./run-host.ts";

if (isMainThread) runHost(new URL(import.meta.url));
else runGuard();
