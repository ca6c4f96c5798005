import type { PasskeyDemand, QrMatrix } from "../protocol/protocol.ts";

const cell = 6;
const quiet = 4;

function app(): HTMLElement {
  const found = document.querySelector<HTMLElement>("#app");
  if (!found) throw new Error("The page has no #app element.");
  return found;
}
function draw(canvas: HTMLCanvasElement, matrix: QrMatrix): void {
  canvas.width = canvas.height = (matrix.size + 2 * quiet) * cell;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "black";
  for (const [at, dark] of [...matrix.cells].entries()) {
    if (dark !== "1") continue;
    pen.fillRect((quiet + (at % matrix.size)) * cell, (quiet + Math.floor(at / matrix.size)) * cell, cell, cell);
  }
}

export function showQr(fullCode: string, matrix: QrMatrix): void {
  app().innerHTML = `<div><div class="landing-wrapper"><div data-ref=""><canvas></canvas></div></div></div>`;
  app().querySelector("[data-ref]")?.setAttribute("data-ref", fullCode);
  const canvas = app().querySelector("canvas");
  if (canvas) draw(canvas, matrix);
}
/** Adds a button that requests a new QR code, as WhatsApp does when nobody scans. */
export function showExpiredQr(requestNew: () => void): void {
  const holder = app().querySelector("[data-ref]");
  if (!holder || holder.querySelector("button")) return;
  const button = document.createElement("button");
  button.textContent = "Click to reload QR code";
  button.addEventListener("click", () => {
    holder.setAttribute("data-ref", "");
    requestNew();
  });
  holder.append(button);
}
export function showProgress(percent: number): void {
  app().innerHTML = `<div><div><div></div><div>Loading your chats</div><div><progress max="100"></progress></div></div></div>`;
  const bar = app().querySelector("progress");
  if (bar) bar.value = percent;
}
/** Asks for a passkey. `proceed` is called at a click on "Continue". */
export function showPasskeyDemand(demand: PasskeyDemand["demand"], proceed: () => void): void {
  const text =
    demand === "use"
      ? "Quick security check. Use your passkey to link this device."
      : "Create a passkey to log in. For security reasons, your account needs a passkey to link devices.";
  showText(text, { label: "Continue", onClick: proceed });
}
export function showText(text: string, button?: { label: string; onClick: () => void }): void {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  app().replaceChildren(paragraph);
  if (!button) return;
  const element = document.createElement("button");
  element.textContent = button.label;
  element.addEventListener("click", button.onClick);
  app().append(element);
}
/** Shows which device is offline, with WhatsApp's own test ids; null removes the alert. */
export function showAlert(device: "phone" | "computer" | null): void {
  for (const alert of document.querySelectorAll("[data-testid^=alert-]")) alert.remove();
  if (device === null) return;
  const alert = document.createElement("div");
  alert.dataset.testid = `alert-${device}`;
  document.body.append(alert);
}
export function showChats(): void {
  app().innerHTML = `<div class="app two" tabindex="-1"></div>`;
}
