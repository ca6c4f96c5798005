interface Output {
  out: (text: string) => void;
  error: (text: string) => void;
}
export function init(args: string[], output: Output): number;
