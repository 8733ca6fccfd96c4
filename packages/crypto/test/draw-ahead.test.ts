import { describe, expect, it } from "vitest";
import { drawAhead } from "../src/draw-ahead.ts";

/** A source that counts up, so that every byte tells where it came from. */
function counting(): { random: (size: number) => Buffer; draws: number[] } {
  const draws: number[] = [];
  let next = 0;
  const random = (size: number): Buffer => {
    draws.push(size);
    return Buffer.from(Array.from({ length: size }, () => next++ % 251));
  };
  return { random, draws };
}

describe("drawing ahead", () => {
  it("gives every byte of the source out once, in its order, until too few are left", () => {
    const { random, draws } = counting();
    const draw = drawAhead(random);
    const drawn = Array.from({ length: 128 }, () => draw(8));
    expect(Buffer.concat(drawn)).toEqual(counting().random(1024));
    expect(draws).toEqual([1024]);
    draw(8);
    expect(draws).toEqual([1024, 1024]);
  });

  it("gives nothing out twice where sizes do not fit in the block", () => {
    const values = Array.from({ length: 500 }, (_, index) => index);
    const source = [...values];
    // Each draw of the source is another number in every byte.
    const draw = drawAhead((size) => Buffer.alloc(size, source.shift()));
    expect(draw(1000)).toEqual(new Uint8Array(1000).fill(0));
    expect(draw(25)).toEqual(new Uint8Array(25).fill(1));
    expect(draw(1024)).toEqual(new Uint8Array(1024).fill(2));
  });

  it("asks the source for what is larger than a block", () => {
    const { random, draws } = counting();
    expect(drawAhead(random)(5000)).toEqual(counting().random(5000));
    expect(draws).toEqual([5000]);
  });

  it("gives bytes away that later draws do not share", () => {
    const { random } = counting();
    const draw = drawAhead(random);
    const first = draw(4);
    first.fill(255);
    expect([...draw(4)]).toEqual([4, 5, 6, 7]);
    expect(first.buffer.byteLength).toBe(4);
  });
});
