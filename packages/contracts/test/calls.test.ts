import { expectTypeOf, test } from "vitest";
import type { AnswerOf, Chat, Message, Page, RequestOf, SendMessageInput } from "../src/index.ts";

test("a request has the parts that its route declares, as the caller writes them", () => {
  expectTypeOf<keyof RequestOf<"listSessions">>().toBeNever();
  expectTypeOf<RequestOf<"getChat">>().toEqualTypeOf<{ params: { id: string } }>();
  expectTypeOf<RequestOf<"listChats">["query"]>().toEqualTypeOf<
    { before?: string | undefined; limit?: number | undefined; search?: string | undefined } | undefined
  >();
  expectTypeOf<RequestOf<"sendMessage">["body"]>().toEqualTypeOf<SendMessageInput>();
  expectTypeOf<RequestOf<"connectSession">["body"]>().toEqualTypeOf<{ phoneNumber?: string | undefined } | undefined>();
});

test("a request may omit a part whose fields are all optional, and no other part", () => {
  expectTypeOf<object>().toExtend<RequestOf<"listChats">>();
  expectTypeOf<{ params: { id: string } }>().toExtend<RequestOf<"connectSession">>();
  expectTypeOf<object>().not.toExtend<RequestOf<"getChat">>();
  expectTypeOf<{ params: { id: string } }>().not.toExtend<RequestOf<"sendMessage">>();
});

test("an answer has the type of the route's answer body", () => {
  expectTypeOf<AnswerOf<"listChats">>().toEqualTypeOf<Page<Chat>>();
  expectTypeOf<AnswerOf<"sendMessage">>().toEqualTypeOf<Message>();
  expectTypeOf<AnswerOf<"removeSession">>().toEqualTypeOf<undefined>();
});
