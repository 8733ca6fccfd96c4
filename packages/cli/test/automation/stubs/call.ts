/** A call of a stub program, and how it is answered. */

/** One call as it was made. */
export interface Call {
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where it was started. */
  readonly directory: string;
  /** Its name, which is the same in the next run. */
  readonly label: string;
}

/** What a stub program finds around it. */
export interface Outside extends Call {
  /** The directory in which the outside world keeps what it has. */
  readonly world: string;
  /** All of its standard input. */
  stdin(): Promise<string>;
  /** All of a file that its arguments name; it may be one that only this process has. */
  file(path: string): Promise<string>;
}

/** What a stub program does. */
export type Reply =
  | { readonly print: string }
  /** It becomes another program, with more variables than it was given, or with other arguments. */
  | {
      readonly run: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly argv?: readonly string[];
    };

/** @throws Refusal where the program says no; any other error is something that nobody plays. */
export type Act = (outside: Outside) => Reply | Promise<Reply>;

/** A program that says no. */
export class Refusal extends Error {
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}
