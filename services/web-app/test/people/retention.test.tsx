import { fireEvent, screen } from "@testing-library/react";
import { Toaster } from "sonner";
import { expect, test } from "vitest";
import { RetentionSetting } from "../../src/components/retention/retention-setting.tsx";
import "../../src/i18n/administration-texts.ts";
import { newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, calls, answerWith } = preparePage();
const company = {
  id: newId(),
  name: "Padaria Bom Dia",
  agentsSee: "team",
  timeZone: "UTC",
  requireSecondFactor: "none",
};

function showSetting(kept: object) {
  let settings = { ...company, keepMessagesDays: null, keepFilesDays: null, keepAuditDays: null, ...kept };
  answerWith(({ method, body }) => {
    if (method === "PATCH") settings = { ...settings, ...(body as object) };
    return { body: settings };
  });
  show(
    <>
      <RetentionSetting />
      <Toaster />
    </>,
  );
}
const sent = () => calls.filter(({ method }) => method === "PATCH").map(({ body }) => body);
const field = async (name: string) => {
  const select = await screen.findByTestId<HTMLSelectElement>(name);
  await expect.poll(() => select.disabled).toBe(false);
  return select;
};
const choose = async (name: string, value: string) => fireEvent.change(await field(name), { target: { value } });

test("a shorter time is saved only after a warning that names it", async () => {
  showSetting({});
  expect((await field("keepMessagesDays")).selectedOptions[0]?.textContent).toBe("Para sempre");
  await choose("keepMessagesDays", "365");
  expect((await screen.findByRole("dialog")).textContent).toMatch(/mais de 365 dias serão apagadas de vez/);
  expect(sent()).toEqual([]);
  fireEvent.click(screen.getByTestId("confirm-action"));
  await expect.poll(sent).toEqual([{ keepMessagesDays: 365 }]);
  expect(await screen.findByText("Salvo.")).toBeDefined();
  expect((await field("keepMessagesDays")).value).toBe("365");
});

test("without confirmation the old choice stays", async () => {
  showSetting({ keepFilesDays: 90 });
  await choose("keepFilesDays", "30");
  fireEvent.click(await screen.findByText("Cancelar"));
  expect((await field("keepFilesDays")).value).toBe("90");
  expect(sent()).toEqual([]);
});

test("a longer time, or none, is saved at once; a time that is not offered is shown", async () => {
  showSetting({ keepMessagesDays: 45, keepAuditDays: 30 });
  const select = await field("keepMessagesDays");
  expect(select.selectedOptions[0]?.textContent).toBe("45 dias");
  await choose("keepMessagesDays", "never");
  await expect.poll(sent).toEqual([{ keepMessagesDays: null }]);
  await choose("keepAuditDays", "180");
  await expect.poll(sent).toEqual([{ keepMessagesDays: null }, { keepAuditDays: 180 }]);
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("shows why the settings cannot be read, instead of choices", async () => {
  answerWith(() => ({ status: 403, body: {} }));
  show(<RetentionSetting />);
  await screen.findByRole("alert");
  expect(screen.queryByTestId("keepMessagesDays")).toBeNull();
});
