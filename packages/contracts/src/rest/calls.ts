import type { z } from "zod";
import type { RouteName, Routes } from "./routes/index.ts";

type Part = "params" | "query" | "headers" | "body";
type Parts<Route> = { [Key in Part & keyof Route]: Route[Key] extends z.ZodType ? z.input<Route[Key]> : never };
/** A body may be absent if the route says so; another part if all its fields are optional. */
type MayOmit<Route, Key, Value> = Key extends "body"
  ? Route extends { mayOmitBody: true }
    ? true
    : false
  : object extends Value
    ? true
    : false;
type OptionalKeys<Route> = {
  [Key in keyof Parts<Route>]: MayOmit<Route, Key, Parts<Route>[Key]> extends true ? Key : never;
}[keyof Parts<Route>];
type Flat<Type> = { [Key in keyof Type]: Type[Key] };

/** Input of an operation: only the parts that its route declares, before defaults and conversions. */
export type RequestOf<Name extends RouteName> = Flat<
  Omit<Parts<Routes[Name]>, OptionalKeys<Routes[Name]>> & Partial<Pick<Parts<Routes[Name]>, OptionalKeys<Routes[Name]>>>
>;
/** The JSON body of a successful answer; `undefined` where the route declares none. */
export type AnswerOf<Name extends RouteName> = Routes[Name] extends {
  answer: { body: infer Schema extends z.ZodType };
}
  ? z.output<Schema>
  : undefined;
