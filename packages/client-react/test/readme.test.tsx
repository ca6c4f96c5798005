// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { App } from "../examples/live-chat.tsx";
import { scriptedClient } from "./scripted-client.ts";

afterEach(cleanup);
const read = (path: string) => readFileSync(join(import.meta.dirname, "..", path), "utf8");

test("the README shows the example that runs here", () => {
  expect(read("README.md")).toContain(`\`\`\`tsx\n${read("examples/live-chat.tsx")}\`\`\``);
});

test("the README's component shows what arrives for its chat, says hello, and knows when it is connected", () => {
  const { client, calls, tell, become } = scriptedClient();
  render(<App client={client} identity={{ companyId: "acme", userId: "ana" }} />);
  become("connected");
  tell("new_message", { Body: "Bom dia", Chat: { WA_Chat_Id: "5511987654321@c.us" } });
  tell("new_message", { Body: "for another chat", Chat: { WA_Chat_Id: "5521900000000@c.us" } });
  tell("new_client", { Name: "João" });
  expect(screen.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual(["Bom dia"]);
  expect(screen.getByRole("status").textContent).toBe("Novo cliente cadastrado: João");
  screen.getByRole("button").click();
  expect(calls.at(-1)).toBe("send ping");
});
