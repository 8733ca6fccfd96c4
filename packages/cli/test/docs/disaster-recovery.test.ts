/**
 * The page that people read when something is lost. That its commands print what it shows is tested
 * with all pages; here, that what it shows is a recovery.
 */
import { readFileSync } from "node:fs";
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import { describe, expect, it } from "vitest";
import { documents } from "./documents.ts";
import { fencesOf } from "./fences.ts";

const page = readFileSync(
  documents.find(({ name }) => name === "docs/disaster-recovery.md")?.path ?? "",
  "utf8",
);
const ORDER = ["What you see", "What it means", "What to do", "How you know that it worked"];

/** From each symptom to the next heading or symptom. */
const rehearsals = page
  .split(/^(?=#+ )/m)
  .filter((section) => section.includes("**What you see"))
  .map((section) => ({ title: /^#+ (.*)$/m.exec(section)?.[1] ?? "", section }));

it("rehearses every disaster that it lists", () => {
  const links = [...page.matchAll(/^\| .* \| \[.*\]\(#([\w-]+)\).* \|$/gm)].map(([, link]) => link);
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => title);
  const anchors = headings.map((title) => title.toLowerCase().replaceAll(" ", "-"));
  expect(links.length).toBeGreaterThan(7);
  expect(links.filter((link = "") => !anchors.includes(link))).toEqual([]);
  expect(rehearsals.length).toBeGreaterThan(9);
});

it("shows every error that it begins with", () => {
  const table = page.slice(0, page.indexOf("\n## "));
  const listed = [...table.matchAll(/`([A-Z]+_[A-Z_]+|SYNTAX)`/g)].map(([, code = ""]) => code);
  const shown = fencesOf(page)
    .filter(({ language }) => language === "console")
    .map(({ content }) => content)
    .join("");
  expect(listed.length).toBeGreaterThan(8);
  expect(listed.filter((code) => !(code in EXIT_STATUS))).toEqual([]);
  expect(listed.filter((code) => !shown.includes(code))).toEqual([]);
});

describe.each(rehearsals)("$title", ({ section }) => {
  const parts = section.split(/^(?=\*\*(?:What you see|What it means|What to do|How you know)\b)/m);

  it("has its parts in their order", () => {
    const names = parts.slice(1).map((part) => /^\*\*([^*.,]+)/.exec(part)?.[1]);
    expect(names).toEqual(ORDER);
  });

  it("shows the symptom as it is printed", () => {
    const [, symptom = ""] = parts;
    expect(fencesOf(symptom).filter(({ language }) => language === "console")).not.toEqual([]);
  });

  it("ends well", () => {
    const end = fencesOf(parts.at(-1) ?? "")
      .filter(({ language }) => language === "console")
      .map(({ content }) => content)
      .join("");
    expect(end).toMatch(/^(?:No findings\.|Healthy: the server would start\.)$/m);
  });
});
