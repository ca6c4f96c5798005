import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ProcessTree } from "../../../src/engines/host/process-tree.ts";

const stateAndGroup = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [state, Number(group)];
};

test("the end of a process tree counts nobody who is dead but was not reaped", async ({ onTestFinished }) => {
  // Its parent turns into one that reaps nothing, as process 1 of a container without init does.
  const script = "setsid sleep 300 & echo $!; exec sleep 300";
  const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const pid = Number(String((await once(parent.stdout, "data"))[0]));
  await expect.poll(() => stateAndGroup(pid)).toEqual(["S", pid]);
  expect(await new ProcessTree(pid, randomUUID()).end()).toBe(true);
  expect(stateAndGroup(pid)).toEqual(["Z", pid]);
});
