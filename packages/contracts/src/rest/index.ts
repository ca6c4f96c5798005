export * from "./dead-letters.ts";
export * from "./define-route.ts";
export * from "./open-chat.ts";
export * from "./problems.ts";
export * from "./requests.ts";
export * from "./resources.ts";
export * from "./routes/index.ts";
export * from "./sending.ts";
