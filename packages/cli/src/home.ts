/** The home directory of whoever runs this. */
import { homedir } from "node:os";

/** Debian's name for the home of those who have none. */
const NOWHERE = "/nonexistent";

/**
 * The home directory: `HOME`, else what the system knows. A container may run as a user whom its system
 * does not know; who names key and files needs no home.
 */
export function homeDirectory(): string {
  try {
    return homedir();
  } catch {
    return NOWHERE;
  }
}
