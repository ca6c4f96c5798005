import { randomBytes } from "node:crypto";

/** Creates a message key in WhatsApp's format. */
export const newKey = () => `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
export const nowSeconds = () => Math.floor(Date.now() / 1000);

/** The key of a message in its serialised id. */
export const keyOf = (id: string): string => id.split("_")[2] ?? "";
