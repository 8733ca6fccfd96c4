/**
 * Metrics as text: version 0.0.4 of the Prometheus exposition format
 * (prometheus.io/docs/instrumenting/exposition_formats). Gauges alone, since nothing here counts on.
 */
import { printable } from "@proxmox-mcp/crypto/internal";

/** One value of a metric. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All values of one metric. */
export interface Gauge {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/**
 * The text of metrics. Of samples with equal labels the first one counts: a collector drops a text that
 * has two.
 */
export function expositionOf(gauges: readonly Gauge[]): string {
  return gauges
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => {
      const lines = new Map<string, number>();
      for (const { labels, value } of samples) {
        const series = name + labelText(labels);
        if (!lines.has(series)) lines.set(series, value);
      }
      const head = `# HELP ${name} ${escaped(help)}\n# TYPE ${name} gauge\n`;
      return head + [...lines].map(([series, value]) => `${series} ${value}\n`).join("");
    })
    .join("");
}

function labelText(labels: Sample["labels"] = {}): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(printable(value)).replaceAll('"', '\\"')}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
