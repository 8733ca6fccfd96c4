// npm `picomatch` ships no types; this is the part that glob.ts uses.
declare module "picomatch" {
  interface Options {
    dot: boolean;
    basename: boolean;
    windows: boolean;
  }
  export default function picomatch(glob: string, options: Options): (path: string) => boolean;
}
