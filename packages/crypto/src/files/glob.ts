/** Globs of people who choose files: the patterns of Bash, with `**` for directories at any depth. */
import { ProxmoxMcpError } from "../errors.ts";

/** Whether a path fits. It is relative, with `/` between its parts on every system. */
export type PathMatcher = (path: string) => boolean;

/**
 * Compiles globs; a path must fit one of them. As in a .gitignore, a glob without a `/` fits the last
 * part of a path at any depth, one with a `/` the whole path; a `/` at its end changes nothing. `*`
 * fits names that begin with a dot, too.
 *
 * @throws ProxmoxMcpError USAGE for what is no glob.
 */
export async function compileGlobs(globs: readonly string[]): Promise<PathMatcher> {
  if (globs.length === 0) return () => false;
  const { default: picomatch } = await import("picomatch");
  const matchers = globs.map((glob) => {
    const body = glob.replace(/\/$/, "");
    const options = { dot: true, basename: !body.includes("/"), windows: false };
    try {
      return picomatch(body.replace(/^\//, ""), options);
    } catch (error) {
      throw new ProxmoxMcpError("USAGE", `"${glob}" is no pattern for files`, {
        hint: "write one like '*.conf' or 'site/**', in quotes",
        cause: error,
      });
    }
  });
  return (path) => matchers.some((matches) => matches(path));
}
