/**
 * Reads the text format of Prometheus, version 0.0.4, and refuses whatever a scraper or its linter
 * would: a sample without a type, a counter that is not named so, a histogram whose buckets fall.
 */

export interface Metric {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/y;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const META = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN)$/;

/** @returns every metric by its name. */
export function parseMetrics(text: string): ReadonlyMap<string, Metric> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const helps = new Map<string, string>();
  const metrics = new Map<string, Metric>();
  const seen = new Set<string>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const meta = META.exec(line);
    if (meta !== null) {
      const [, kind, name = "", rest = ""] = meta;
      if (kind === "HELP") helps.set(name, rest);
      else if (metrics.has(name)) throw new Error(`${name} has two types`);
      else metrics.set(name, { type: rest, help: helps.get(name) ?? "", samples: [] });
      continue;
    }
    const sample = parseSample(line);
    const metric = metrics.get(sample.name) ?? metrics.get(sample.name.replace(SUFFIX, ""));
    if (metric === undefined) throw new Error(`${sample.name} has no type`);
    const series = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).toSorted())}`;
    if (seen.has(series)) throw new Error(`twice: ${series}`);
    seen.add(series);
    metric.samples.push(sample);
  }
  for (const [name, metric] of metrics) lint(name, metric);
  return metrics;
}

/** The value of the one sample with these labels; 0 where there is none. */
export function sampleValue(
  metrics: ReadonlyMap<string, Metric>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const samples = [...metrics.values()].flatMap((metric) => metric.samples);
  const found = samples.find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return found?.value ?? 0;
}

const SUFFIX = /_(?:bucket|sum|count)$/;

function parseSample(line: string): Sample {
  const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (name === "") throw new Error(`this is no sample: ${line}`);
  if (!NUMBER.test(value)) throw new Error(`this is no number: ${line}`);
  return { name, labels: parseLabels(labels), value: numberOf(value) };
}

function parseLabels(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name = "", value = ""] = LABEL.exec(text) ?? [];
    if (name === "") throw new Error(`these are no labels: ${text}`);
    if (Object.hasOwn(labels, name)) throw new Error(`a label is there twice: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) =>
      escaped === "n" ? "\n" : escaped,
    );
  }
  return labels;
}

function numberOf(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}

function lint(name: string, { type, help, samples }: Metric): void {
  const fail = (what: string) => {
    throw new Error(`${name} ${what}`);
  };
  if (!["counter", "gauge", "histogram"].includes(type)) fail(`is no ${type}`);
  if (help === "") fail("has no help");
  if ((type === "counter") !== name.endsWith("_total")) fail("is not named as its type wants");
  if (/(?:milliseconds|minutes|kilobytes)/.test(name)) fail("is not in base units");
  if (samples.some(({ value }) => Number.isNaN(value))) fail("is not a number");
  if (type === "counter" && samples.some(({ value }) => value < 0)) fail("is below zero");
  if (type === "histogram") lintHistogram(name, samples);
}

function lintHistogram(name: string, samples: readonly Sample[]): void {
  const groups = new Map<string, number[]>();
  for (const sample of samples.filter((each) => each.name === `${name}_bucket`)) {
    const { le: _, ...labels } = sample.labels;
    const group = JSON.stringify(labels);
    groups.set(group, [...(groups.get(group) ?? []), sample.value]);
  }
  const counts = samples.filter((each) => each.name === `${name}_count`);
  if (counts.length !== groups.size) throw new Error(`${name} has not as many counts as buckets`);
  for (const { labels, value } of counts) {
    const buckets = groups.get(JSON.stringify(labels)) ?? [];
    const sorted = buckets.toSorted((a, b) => a - b);
    if (buckets.join() !== sorted.join()) throw new Error(`the buckets of ${name} fall`);
    if (buckets.at(-1) !== value) throw new Error(`the last bucket of ${name} is not its count`);
  }
}
