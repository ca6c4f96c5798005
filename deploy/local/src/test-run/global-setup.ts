import { migrate } from "@syszap/database";
import { createGlobalSetup } from "@syszap/testing/global-setup";

export const setup = createGlobalSetup(migrate);
