import { addTexts } from "./index.ts";
import { administration } from "./locales/administration.ts";

addTexts(administration);
