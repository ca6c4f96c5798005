import { addTexts } from "./index.ts";
import { operator } from "./locales/operator.ts";

addTexts(operator);
