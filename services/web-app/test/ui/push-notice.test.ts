import { expect, test } from "vitest";
import { noticeOf } from "../../src/service-worker/push-notice.ts";

const chatId = "5b1c6f43-8c0e-4d5f-8f4c-0f4f9f4d2a12";

test("a push names the client and the number of messages, in the language of the user", () => {
  const one = noticeOf({ chatId, name: "Marta", count: 1, language: "pt-BR" });
  expect(one).toMatchObject({ title: "Marta", body: "Nova mensagem", tag: chatId, data: { chatId } });
  expect(noticeOf({ chatId, name: "Marta", count: 3, language: "en" }).body).toBe("3 new messages");
});

test("a push about several chats, or about somebody without a name, has the name of the app", () => {
  expect(noticeOf({ chatId: null, name: null, count: 9, language: "en" })).toMatchObject({
    title: "sysZap",
    tag: "several-chats",
  });
  expect(noticeOf({ chatId, name: "", count: 1, language: "en" }).title).toBe("sysZap");
});
