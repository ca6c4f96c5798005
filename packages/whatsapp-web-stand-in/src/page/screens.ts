import type { QrMatrix } from "../protocol/protocol.ts";

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
