/**
 * Fails, kills and hangs each call and each step of a rotation in CI, on machines that are thrown away
 * after it, and then lets the next run go on. A sample of the points, or with `--mode full` all of them.
 */
import { createHash } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { converge } from "../automation/converge.ts";
import { FAULT_KINDS, type Fault } from "../automation/fault.ts";
import { createRotation as onGithub, STEPS } from "../automation/github/rotation.ts";
import { createRotation as onGitlab } from "../automation/gitlab/rotation.ts";
import { atAnyTime, whenSettled } from "../automation/invariants.ts";
import { keysIn } from "../automation/keys.ts";
import { createRotation as onKubernetes } from "../automation/kubernetes/rotation.ts";
import { isSettled, type Rotation } from "../automation/rotation.ts";
import { type Cli, createWorld, obstacle, packCli, type World } from "../automation/world.ts";
import { chosen, LONG, mayMiss, report, sayWhyNot } from "./amount.ts";
import { WIDTH } from "./sweep.ts";

sayWhyNot(obstacle);

/** A fault in a run: the first one of a rotation, or a later one. */
interface Point extends Fault {
  readonly run: number;
}

interface Tried {
  readonly wasHit: boolean;
  readonly faults: readonly string[];
}

const PLATFORMS: readonly {
  readonly name: string;
  readonly sample: number;
  readonly create: (world: World, cli: Cli) => Rotation;
}[] = [
  { name: "GitHub Actions", sample: 4, create: (world, cli) => onGithub({ world, cli }) },
  {
    name: "GitHub Actions, composite action",
    sample: 2,
    create: (world, cli) => onGithub({ world, cli, ...STEPS }),
  },
  { name: "GitLab CI", sample: 3, create: (world, cli) => onGitlab({ world, cli }) },
  { name: "Kubernetes", sample: 3, create: (world, cli) => onKubernetes({ world, cli }) },
];

describe.runIf(obstacle === undefined)("a rotation that is cut", () => {
  it.each(PLATFORMS)(
    "loses no key, and the next run finishes it: $name",
    { timeout: LONG },
    async ({ name, sample, create }) => {
      const cli = packCli(onTestFinished);
      const rotations = await Promise.all(
        Array.from({ length: WIDTH }, async () => create(await createWorld(onTestFinished), cli)),
      );
      const [known = []] = await Promise.all(rotations.map(record));
      const points = chosen(known, sample, nameOf);
      const tried: Tried[] = [];
      let next = 0;
      await Promise.all(
        rotations.map(async (rotation) => {
          for (let index = next++; index < points.length; index = next++) {
            tried[index] = await cutAt(rotation, points[index] as Point, known);
          }
        }),
      );
      const missed = points.filter((_, index) => !tried[index]?.wasHit).map(nameOf);
      report(`cut on ${name}`, tried.length - missed.length, known.length, missed);
      expect(tried.flatMap(({ faults }) => faults)).toEqual([]);
      expect(missed.length).toBeLessThanOrEqual(mayMiss(points.length));
    },
  );
});

/** Lets a rotation go well, keeps where its runs began, and lists their points. */
async function record(rotation: Rotation): Promise<readonly Point[]> {
  const firstKeys = idsOf(rotation);
  const points: Point[] = [];
  for (let run = 0; !isSettled(rotation, firstKeys); run += 1) {
    rotation.world.save(String(run));
    const { ok, labels, evidence, printed } = await rotation.goOn();
    if (!ok || run > 5) throw new Error(`it does not go well undisturbed: ${printed}`);
    await rotation.advance();
    for (const label of labels) {
      const kinds = evidence.moments.includes(label) ? (["kill"] as const) : FAULT_KINDS;
      points.push(...kinds.map((kind) => ({ run, label, kind })));
    }
  }
  return points;
}

/** @param known points, one of which some of the next runs meet as well. */
async function cutAt(rotation: Rotation, point: Point, known: readonly Point[]): Promise<Tried> {
  const { world, evidence } = rotation;
  world.restore("0");
  const firstKeys = idsOf(rotation);
  world.restore(String(point.run));
  evidence.length = 0;
  const cut = await rotation.goOn(point);
  if (!world.switchboard.hasStruck()) return { wasHit: false, faults: [] };
  const faults = [...(await atAnyTime(rotation)).faults];
  const second = secondAfter(point, known);
  if (second !== undefined && !isSettled(rotation, firstKeys)) {
    await rotation.goOn(second);
    faults.push(...(await atAnyTime(rotation)).faults);
  }
  await converge(rotation, firstKeys);
  const settled = await whenSettled(rotation);
  const what = [point, ...(second ? [second] : [])].map(nameOf).join(", and ");
  return {
    wasHit: true,
    faults: [
      ...faults.map((fault) => `${what}, then: ${fault}`),
      ...(cut.ok || cut.isTold ? [] : [`${what}: nobody is told`]),
      ...settled.map((fault) => `${what}, in the end: ${fault}`),
    ],
  };
}

/** For every third point another one, at which the run that goes on is cut as well, if it gets there. */
function secondAfter(point: Point, known: readonly Point[]): Point | undefined {
  const hash = createHash("sha256").update(nameOf(point)).digest();
  return hash.readUInt32BE(4) % 3 === 0 ? known[hash.readUInt32BE(8) % known.length] : undefined;
}

function idsOf(rotation: Rotation): readonly string[] {
  return keysIn(rotation.keyText()).map(({ id }) => id ?? "?");
}

function nameOf({ run, label, kind }: Point): string {
  return `${kind} in run ${run + 1}: ${label}`;
}
