/** Version of the running program. Images set the variable. */
export const serviceVersion = process.env.SYSZAP_VERSION || "unknown";
