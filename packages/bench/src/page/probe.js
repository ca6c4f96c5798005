// Runs in the measured page before its own scripts, as `globalThis.probe`.
{
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  /** Resolves after the next frame is painted. */
  const painted = async () => {
    await frame();
    const { port1, port2 } = new MessageChannel();
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  };
  const all = (testId) => [...document.querySelectorAll(`[data-testid="${testId}"]`)];
  const messageId = (message) => message?.dataset.messageId;
  /** The area in which the elements with the test id scroll. */
  const scrollerOf = (testId) => {
    let element = all(testId)[0];
    while (element && !/auto|scroll/.test(getComputedStyle(element).overflowY)) element = element.parentElement;
    if (!element) throw new Error(`No ${testId} in a scrolling area`);
    return element;
  };
  const until = async (isDone, timeoutMs) => {
    const deadline = performance.now() + timeoutMs;
    while (!isDone() && performance.now() < deadline) await frame();
    return isDone();
  };

  let frames;
  let keys;

  globalThis.probe = {
    elements: () => document.getElementsByTagName("*").length,

    /** Milliseconds from the start of the navigation until an element with the test id is painted and the main thread is free. */
    async shownAfter(testId) {
      if (!(await until(() => all(testId).length > 0, 60_000))) throw new Error(`No ${testId}`);
      await painted();
      return performance.now();
    },

    /** The middle of the area in which the elements scroll. */
    middleOf(testId) {
      const { left, top, width, height } = scrollerOf(testId).getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    },

    /** Scrolls to one end of a list again and again, until no further rows are loaded or the time is over. */
    async loadAll(testId, end, timeoutMs, isEnough = () => false) {
      const area = scrollerOf(testId);
      const deadline = performance.now() + timeoutMs;
      const edge = () => all(testId).at(end === "top" ? 0 : -1)?.outerHTML.length + area.scrollHeight;
      while (performance.now() < deadline && !isEnough()) {
        const before = edge();
        area.scrollTop = end === "top" ? 0 : area.scrollHeight;
        if (!(await until(() => edge() !== before, 3_000))) break;
        await frame();
      }
    },

    scrollTo(testId, end) {
      const area = scrollerOf(testId);
      area.scrollTop = end === "top" ? 0 : area.scrollHeight;
      return painted();
    },

    startFrames() {
      const times = [];
      frames = times;
      const record = (now) => {
        times.push(now);
        if (frames === times) requestAnimationFrame(record);
      };
      requestAnimationFrame(record);
    },
    /** The durations of the frames since `startFrames()`. */
    stopFrames() {
      const times = frames;
      frames = undefined;
      return times.slice(1).map((time, index) => time - times[index]);
    },

    startKeys() {
      keys = [];
      addEventListener(
        "keydown",
        async ({ timeStamp }) => {
          await painted();
          keys.push(performance.now() - timeStamp);
        },
        { capture: true },
      );
    },
    /** Milliseconds from each key press to the end of the frame that shows it. */
    takeKeys: () => keys.splice(0),

    /** Clicks on a chat in the list. Resolves with the milliseconds until its newest message and the composer are painted. */
    async open(chatId, newestBody) {
      const link = () => document.querySelector(`[data-chat-id="${chatId}"]`);
      // After a storm, many chats have a message of the same second and are sorted by their ids.
      const list = scrollerOf("chat-item");
      await this.scrollTo("chat-item", "top");
      while (!link() && list.scrollTop + list.clientHeight < list.scrollHeight - 1) {
        list.scrollTop += list.clientHeight / 2;
        await painted();
      }
      const startedAt = performance.now();
      link().click();
      const isShown = () => all("composer").length > 0 && all("message-body").at(-1)?.textContent === newestBody;
      if (!(await until(isShown, 60_000))) throw new Error(`The chat did not show "${newestBody}".`);
      await painted();
      return performance.now() - startedAt;
    },

    /** Opens the first chat of the list that is another one. */
    async openOther(chatId) {
      const row = all("chat-item").find((each) => each.dataset.chatId !== chatId);
      const other = row.dataset.chatId;
      row.click();
      const isOpen = () => document.querySelector(`[data-chat-id="${other}"][aria-current]`) !== null;
      await until(() => isOpen() && all("message-body").length > 0, 60_000);
      await painted();
    },

    /**
     * Reads the bodies with the prefix by scrolling up from the newest message. Resolves with pairs of id and body when there are
     * `count`, or when no other one was found for ten seconds, in which older messages are loaded.
     */
    async readBack(prefix, count) {
      const area = scrollerOf("message");
      const found = new Map();
      await this.scrollTo("message", "bottom");
      for (let changedAt = performance.now(); found.size < count && performance.now() - changedAt < 10_000; ) {
        const before = found.size;
        for (const body of all("message-body"))
          if (body.textContent.startsWith(prefix))
            found.set(messageId(body.closest("[data-message-id]")), body.textContent);
        if (found.size > before) changedAt = performance.now();
        area.scrollTop -= area.clientHeight / 2;
        await painted();
      }
      return [...found];
    },

    /** Reads the rows of chats by scrolling down from the first one. Resolves with pairs of id and text. */
    async readChats(ids) {
      const area = scrollerOf("chat-item");
      const wanted = new Set(ids);
      const found = new Map();
      await this.scrollTo("chat-item", "top");
      for (let top = -1; found.size < wanted.size && area.scrollTop > top; ) {
        for (const row of all("chat-item"))
          if (wanted.has(row.dataset.chatId)) found.set(row.dataset.chatId, row.textContent);
        top = area.scrollTop === 0 ? -1 : area.scrollTop;
        area.scrollTop += area.clientHeight / 2;
        await painted();
      }
      return [...found];
    },
  };
}
