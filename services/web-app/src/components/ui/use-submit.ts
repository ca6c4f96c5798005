import { type FormEvent, useState } from "react";

/** The submission of a form: `run`, whether it is in progress, and the error with which it rejected. */
export function useSubmit(run: () => Promise<unknown>) {
  const [state, setState] = useState<{ isBusy: boolean; error: unknown }>({ isBusy: false, error: null });
  const submit = async () => {
    setState({ isBusy: true, error: null });
    try {
      await run();
      setState({ isBusy: false, error: null });
    } catch (error) {
      setState({ isBusy: false, error });
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };
  return { onSubmit, ...state };
}
