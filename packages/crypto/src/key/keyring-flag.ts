/** `--keyring` on a command line: an account only follows it after `=`, never as the next word. */

/** The account of the keyring entry that holds the key text, unless another one is named. */
export const KEYRING_ACCOUNT = "master-key";

const FLAG = "--keyring";

/**
 * Names the account where the flag stands alone. Parsers that take the next word for the value of an
 * option would otherwise take a config for an account: `--keyring config.json`.
 *
 * @returns the arguments, in which `--keyring` has become `--keyring=master-key`. What stands behind
 * `--` stays.
 */
export function withKeyringAccount(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return argv.map((argument, index) => {
    const isFlag = argument === FLAG && (end === -1 || index < end);
    return isFlag ? `${FLAG}=${KEYRING_ACCOUNT}` : argument;
  });
}

/** The flag that names an account, as people write it. */
export function keyringFlag(account: string): string {
  return account === KEYRING_ACCOUNT ? FLAG : `${FLAG}=${account}`;
}
