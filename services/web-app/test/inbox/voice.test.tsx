import { act, fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Composer } from "../../src/components/inbox/composer/composer.tsx";
import { composerModes, drafts, outgoing } from "../../src/page/state.ts";
import { newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show } = preparePage();

/** A microphone and a recorder of Ogg files. `steps` lists what the page asks them to do. */
function useMicrophone(microphone: () => Promise<unknown>) {
  const steps: string[] = [];
  class Recorder extends EventTarget {
    static isTypeSupported = (type: string) => type.startsWith("audio/ogg");
    state = "inactive";
    mimeType = "audio/ogg;codecs=opus";
    ondataavailable: ((event: { data: Blob }) => void) | undefined;
    start() {
      this.state = "recording";
      steps.push("start");
    }
    pause() {
      this.state = "paused";
      steps.push("pause");
    }
    resume() {
      this.state = "recording";
      steps.push("resume");
    }
    stop() {
      this.state = "inactive";
      steps.push("stop");
      this.ondataavailable?.({ data: new Blob(["OggS"]) });
      this.dispatchEvent(new Event("stop"));
    }
  }
  class Sound {
    createAnalyser = () => ({ fftSize: 8, getFloatTimeDomainData: (samples: Float32Array) => samples.fill(0.1) });
    createMediaStreamSource = () => ({ connect: () => undefined });
    close = async () => undefined;
  }
  vi.stubGlobal("MediaRecorder", Recorder);
  vi.stubGlobal("AudioContext", Sound);
  Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: { getUserMedia: microphone } });
  onTestFinished(() => {
    vi.unstubAllGlobals();
    Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: undefined });
  });
  return steps;
}
const aMicrophone = (steps: string[]) => async () => ({ getTracks: () => [{ stop: () => steps.push("release") }] });

beforeEach(() => {
  outgoing.clear();
  composerModes.clear();
  drafts.clear();
});

test("two clicks send a voice message: the focus is on the button that sends", async () => {
  const chatId = newId();
  const steps: string[] = [];
  const recorder = useMicrophone(aMicrophone(steps));
  show(<Composer chatId={chatId} />);
  fireEvent.click(screen.getByRole("button", { name: "Gravar mensagem de voz" }));
  const send = await screen.findByRole("button", { name: "Enviar a mensagem de voz" });
  await expect.poll(() => document.activeElement).toBe(send);
  expect(screen.getByRole("status").textContent).toBe("Gravando");
  fireEvent.click(send);
  await expect.poll(() => outgoing.store.get()).toMatchObject([{ chatId, body: "", as: "voice" }]);
  expect(outgoing.store.get()[0]?.file).toMatchObject({ name: "Mensagem de voz.ogg", type: "audio/ogg" });
  expect([recorder, steps]).toEqual([["start", "stop"], ["release"]]);
  expect(screen.queryByTestId("voice-bar")).toBeNull();
  expect(document.activeElement).toBe(screen.getByTestId("composer"));
});

test("a recording can be paused, continued and discarded", async () => {
  const steps: string[] = [];
  const recorder = useMicrophone(aMicrophone(steps));
  show(<Composer chatId={newId()} />);
  fireEvent.click(screen.getByTestId("voice-start"));
  fireEvent.click(await screen.findByRole("button", { name: "Pausar a gravação" }));
  expect(screen.getByRole("status").textContent).toBe("Gravação em pausa");
  fireEvent.click(screen.getByRole("button", { name: "Continuar a gravação" }));
  fireEvent.click(screen.getByTestId("voice-discard"));
  expect(recorder).toEqual(["start", "pause", "resume", "stop"]);
  expect(steps).toEqual(["release"]);
  expect(screen.getByTestId("composer")).toBeDefined();
  expect(outgoing.store.get()).toEqual([]);
});

test("a recording is kept as an attached voice message when another chat is opened", async () => {
  const chatId = newId();
  useMicrophone(aMicrophone([]));
  const update = show(<Composer key="first" chatId={chatId} />);
  fireEvent.click(screen.getByTestId("voice-start"));
  await screen.findByTestId("voice-bar");
  await expect.poll(() => screen.getByRole("status").textContent).toBe("Gravando");
  update(<Composer key="second" chatId={newId()} />);
  await expect.poll(() => drafts.get(chatId).files).toMatchObject([{ as: "voice", file: { type: "audio/ogg" } }]);
});

test("a refused microphone is explained, and the field comes back", async () => {
  useMicrophone(() => Promise.reject(new DOMException("no", "NotAllowedError")));
  show(<Composer chatId={newId()} />);
  fireEvent.click(screen.getByTestId("voice-start"));
  expect((await screen.findByRole("alert")).textContent).toContain("Permita nas configurações do site");
  fireEvent.click(screen.getByRole("button", { name: "Fechar" }));
  expect(screen.getByTestId("composer")).toBeDefined();
});

test("there is no voice button while there is something to send, or where voice cannot be sent", () => {
  const chatId = newId();
  useMicrophone(aMicrophone([]));
  const update = show(<Composer chatId={chatId} />);
  expect(screen.queryByTestId("composer-send")).toBeNull();
  act(() => drafts.setText(chatId, "oi"));
  expect(screen.queryByTestId("voice-start")).toBeNull();
  act(() => drafts.setText(chatId, ""));
  update(<Composer chatId={chatId} sends={["text"]} />);
  expect(screen.queryByTestId("voice-start")).toBeNull();
});
