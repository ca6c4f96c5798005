import { createLogger } from "@syszap/platform";

export const silentLog = createLogger({ service: "test", level: "silent" });
