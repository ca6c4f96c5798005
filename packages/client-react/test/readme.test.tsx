import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { App } from "../examples/live-chat.tsx";
import { scriptedClient } from "./scripted-client.ts";

afterEach(cleanup);
const read = (path: string) => readFileSync(join(import.meta.dirname, "..", path), "utf8");

test("the README contains the example that this file runs", () => {
  expect(read("README.md")).toContain(`\`\`\`tsx\n${read("examples/live-chat.tsx")}\`\`\``);
});

test("the README's component shows the messages of its chat and new clients, and sends a ping", () => {
  const { client, calls, emit, setState } = scriptedClient();
  render(<App client={client} identity={{ companyId: "acme", userId: "ana" }} />);
  setState("connected");
  emit("new_message", { Body: "Bom dia", Chat: { WA_Chat_Id: "5511987654321@c.us" } });
  emit("new_message", { Body: "for another chat", Chat: { WA_Chat_Id: "5521900000000@c.us" } });
  emit("new_client", { Name: "João" });
  expect(screen.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual(["Bom dia"]);
  expect(screen.getByRole("status").textContent).toBe("Novo cliente cadastrado: João");
  screen.getByRole("button").click();
  expect(calls.at(-1)).toBe("send ping");
});
