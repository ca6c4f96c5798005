/** The part of libheif-js that we use. The package has types for its C functions only. */
declare module "libheif-js/wasm-bundle.js" {
  interface Pixels {
    /** Four bytes a pixel: red, green, blue, opacity. */
    data: Uint8ClampedArray;
    width: number;
    height: number;
  }

  interface HeifImage {
    get_width(): number;
    get_height(): number;
    is_primary(): boolean;
    /** Fills `target`, upright. Passes null if the image cannot be decoded. */
    display(target: Pixels, done: (decoded: Pixels | null) => void): void;
    free(): void;
  }

  const libheif: {
    ready: Promise<unknown>;
    HeifDecoder: new () => { decode(file: Uint8Array): HeifImage[] };
  };
  export = libheif;
}
