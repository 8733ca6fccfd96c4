/** YAML documents with absurd white space, comments and every style of scalar. */
import fc from "fast-check";

/** Spells a node after its key's colon or its dash, for lines indented by `indent`. */
type Spelling = (indent: string, eol: string) => string;

const space = fc.string({ unit: fc.constant(" "), minLength: 1, maxLength: 3 });
const comment = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  fc.constantFrom(" # it's: [a comment", "  #", ' #"'),
);
const gap = fc.oneof(
  { weight: 3, arbitrary: fc.constant<readonly string[]>([]) },
  fc.constantFrom([""], ["# between: the lines"], ["", "      # deep 'comment", "  "]),
);

const key = fc.constantFrom(
  "host",
  "token_value",
  "a b",
  "'it''s'",
  '"q\\"\\u00e9"',
  "x/y",
  "~z",
  "-d",
  '"yes"',
  "'8006'",
  "ключ",
  "a:b",
);
const flowScalar = fc.constantFrom(
  "plain",
  "a-b_c.d/e",
  "enc:abc=",
  "'it''s'",
  "''",
  '""',
  '"x\\ty\\n\\"z\\""',
  "'a: b # c'",
  "12345678-9abc-def0-1234-56789abcdef0",
  "8006",
  "true",
  "null",
  "\u{1f510}",
);
const flow: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2 },
    flowScalar,
    fc.array(tie("node"), { maxLength: 3 }).map((items) => `[ ${items.join(" , ")} ]`),
    fc
      .uniqueArray(fc.tuple(key, tie("node")), { maxLength: 3, selector: ([name]) => name })
      .map((pairs) => `{${pairs.map(([name, value]) => `${name} : ${value}`).join(",  ")}}`),
  ),
})).node;

const inline: fc.Arbitrary<Spelling> = fc
  .tuple(
    space,
    fc.oneof(flowScalar, flow, fc.constantFrom("two words", "a#b", "x:y", "http://pve:8006/x")),
    comment,
  )
  .map((parts) => (_, eol) => parts.join("") + eol);
const block: fc.Arbitrary<Spelling> = fc
  .tuple(
    space,
    fc.constantFrom("|", ">", "|-", ">-", "|+", ">+", "|2", ">2-"),
    comment,
    fc.array(fc.constantFrom("text", "  more: 'x'", "", "# no comment", "- a", "\ttab"), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([blank, header, note, lines]) => (indent, eol) => {
    const body = ["first", ...lines].map((line) => (line === "" ? "" : `${indent}  ${line}`));
    return `${blank}${header}${note}${eol}${body.join(eol)}${eol}`;
  });
const folded: fc.Arbitrary<Spelling> = fc
  .constantFrom(["one", "two"], ["'one", "", "it''s'"], ['"one\\', 'two  "'], ["x#y", "z"])
  .map((lines) => (indent, eol) => ` ${lines.join(`${eol}${indent}   `)}${eol}`);
const below: fc.Arbitrary<Spelling> = fc
  .tuple(flowScalar, comment)
  .map((parts) => (indent, eol) => `${eol}${indent}    ${parts.join("")}${eol}`);

const blockNode: fc.Arbitrary<Spelling> = fc.letrec<{ node: Spelling }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    inline,
    block,
    folded,
    below,
    fc.tuple(comment, mapOf(tie("node"))).map(([note, map]): Spelling => {
      return (indent, eol) => note + eol + map(`${indent}  `, eol);
    }),
    fc
      .tuple(comment, fc.array(fc.tuple(tie("node"), gap), { minLength: 1, maxLength: 3 }))
      .map(([note, items]): Spelling => {
        return (indent, eol) =>
          note +
          eol +
          items
            .map(([node, lines]) => `${indent}  -${node(`${indent}  `, eol)}${gapped(lines, eol)}`)
            .join("");
      }),
  ),
})).node;

function mapOf(node: fc.Arbitrary<Spelling>): fc.Arbitrary<Spelling> {
  return fc
    .uniqueArray(fc.tuple(key, fc.constantFrom("", " "), node, gap), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    })
    .map(
      (entries) => (indent, eol) =>
        entries
          .map(([name, blank, spelled, lines]) => {
            return `${indent}${name}${blank}:${spelled(indent, eol)}${gapped(lines, eol)}`;
          })
          .join(""),
    );
}

function gapped(lines: readonly string[], eol: string): string {
  return lines.map((line) => line + eol).join("");
}

/** A YAML document without anything that its readers disagree on. */
export const yamlText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("", "\uFEFF"),
    fc.constantFrom("", "# head", "---", "--- # head"),
    mapOf(blockNode),
    fc.constantFrom("", "...", "# tail"),
    fc.constantFrom("\n", "\r\n"),
  )
  .map(([mark, head, map, tail, eol]) => {
    return mark + (head && head + eol) + map("", eol) + tail;
  });
