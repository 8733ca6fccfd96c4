/** Metrics whose values are known elsewhere, and read when somebody asks for them. */
import { Counter, Gauge, type Registry } from "prom-client";

/** One value, with its labels. */
export interface Sample<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

/** What a metric is called, and what it says. */
export interface Description<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
}

/** Registers a gauge that takes its values from a function. */
export function gaugeOf<Label extends string>(
  registry: Registry,
  description: Description<Label>,
  samples: () => readonly Sample<Label>[],
): void {
  new Gauge({
    ...description,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, value } of samples()) this.set(labels, value);
    },
  });
}

/** Registers a counter that is kept elsewhere. */
export function counterOf<Label extends string>(
  registry: Registry,
  description: Description<Label>,
  samples: () => readonly Sample<Label>[],
): void {
  new Counter({
    ...description,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, value } of samples()) this.inc(labels, value);
    },
  });
}
