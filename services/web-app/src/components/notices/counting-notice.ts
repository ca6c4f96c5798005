import { toast } from "sonner";
import { preferences } from "../../notices/preferences.ts";

const durationMs = 10_000;

/** One notice for many events: it counts while it is on the screen. */
export class CountingNotice {
  private count = 0;

  constructor(private readonly id: string) {}

  /** `textOf` gets the number of events that the notice counts. */
  show(added: number, textOf: (count: number) => { title: string; description?: string }, action?: NoticeAction): void {
    if (!preferences.get().page) return;
    this.count += added;
    const { title, description } = textOf(this.count);
    toast.info(title, {
      id: this.id,
      description,
      duration: durationMs,
      onDismiss: this.reset,
      onAutoClose: this.reset,
      ...(action && { action }),
    });
  }

  private readonly reset = (): void => {
    this.count = 0;
  };
}

interface NoticeAction {
  label: string;
  onClick: () => void;
}
