/** A process cannot start until its operator acts. `main` prints the message without a stack and ends the process. */
export class StartError extends Error {
  override readonly name: string = "StartError";
}
