// npm `fernet` 0.3.3 ships no types; these are the parts that second-opinion.ts uses.
declare module "fernet" {
  class Secret {
    constructor(base64UrlKey: string);
  }
  class Token {
    constructor(options: { secret: Secret; token: string; ttl: number });
    decode(): string;
  }
  const fernet: { Secret: typeof Secret; Token: typeof Token };
  export default fernet;
}
