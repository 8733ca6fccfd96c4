/** What there is to every command: how it is asked for, what it does, and how that is told. */
import type { Command } from "commander";
import type { Invocation, TextInvocation } from "../invocation.ts";
import type { Io } from "../io.ts";
import type { Rendered } from "../render/line.ts";
import type { Style } from "../render/style.ts";
import type { Result } from "./result.ts";

/** Takes what the user asked for. */
export type Choose = (invocation: Invocation) => void;

/** What a user asks for that is more than a text. */
export type CommandInvocation = Exclude<Invocation, TextInvocation>;

export type CommandName = CommandInvocation["command"];

/** One command. A table pairs it with its name, which its invocations and results bear as well. */
export interface CommandModule<
  I extends CommandInvocation = CommandInvocation,
  R extends Result = Result,
> {
  /** Adds its arguments, flags and help. */
  declare(program: Command, choose: Choose): void;
  /** @throws ProxmoxMcpError where it fails. */
  run(io: Io, invocation: I): Promise<R>;
  /** For people. */
  render(result: R, style: Style): Rendered;
  /** For programs. */
  json(result: R): object;
  /** Whether something is left to be looked at, although all went as it was asked for. */
  hasFindings?(result: R): boolean;
}

/** Commands by their names, in the order in which they are shown. */
export type CommandTable<N extends CommandName = CommandName> = {
  readonly [Name in N]?: CommandModule<Extract<CommandInvocation, { command: Name }>>;
};
