import { expect, test } from "vitest";
import { SingleFlight } from "../../src/async/index.ts";

test("serves all requests that arrive during a run by one further run", async () => {
  const releases: (() => void)[] = [];
  let running = 0;
  let mostAtOnce = 0;
  const flight = new SingleFlight(async () => {
    running += 1;
    mostAtOnce = Math.max(mostAtOnce, running);
    await new Promise<void>((resolve) => releases.push(resolve));
    running -= 1;
  });
  const nextRun = async (count: number) => {
    while (releases.length < count) await new Promise((resolve) => setImmediate(resolve));
  };

  const first = flight.request();
  await nextRun(1);
  const others = Promise.all([flight.request(), flight.request(), flight.request()]);
  releases[0]?.();
  await nextRun(2);
  releases[1]?.();
  await Promise.all([first, others, flight.idle()]);

  expect(releases).toHaveLength(2);
  expect(mostAtOnce).toBe(1);
});

test("starts a new run for a request after the last run", async () => {
  let runs = 0;
  const flight = new SingleFlight(async () => {
    runs += 1;
  });

  await flight.request();
  await flight.request();

  expect(runs).toBe(2);
});
