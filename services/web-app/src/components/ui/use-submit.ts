import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";

/** The submission of a form: `run`, whether it is in progress, and the error with which it rejected. */
export function useSubmit(run: () => Promise<unknown>) {
  const { mutate, error, isPending } = useMutation({ mutationFn: run });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return { onSubmit, error, isBusy: isPending };
}
