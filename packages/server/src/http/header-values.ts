/** Headers as they came. */
import type { IncomingMessage } from "node:http";

/**
 * The values of every header of a name, one for each line. Elsewhere lines of one name are joined, or
 * all but the first are dropped, and two readers may then take a request for two different ones.
 *
 * @param name in lower case.
 */
export function headerValues({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  return rawHeaders.filter((_, index) => {
    const before = index % 2 === 1 ? rawHeaders[index - 1] : undefined;
    return before?.toLowerCase() === name;
  });
}
