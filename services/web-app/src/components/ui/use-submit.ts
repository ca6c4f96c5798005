import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";

/** The submission of a form: `run`, whether it is in progress, and the error with which it rejected. */
export function useSubmit(run: () => Promise<unknown>) {
  // Without `always`, a submission without a network would wait instead of showing the error.
  const { mutate, error, isPending } = useMutation({ mutationFn: run, networkMode: "always" });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return { onSubmit, error, isBusy: isPending };
}
