// Colours for code: a tree of spans from highlight.js, never HTML. Loaded when the first block of code is on screen.
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';

export type Span = string | { name: string; spans: Span[] };

/** The grammars look back and forth: what is longer stays in one colour, so that no message holds up the page. */
const highlightedMax = 3_000;

const languages = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  go,
  java,
  javascript,
  json,
  kotlin,
  php,
  python,
  ruby,
  rust,
  sql,
  typescript,
  xml,
  yaml,
};
const lowlight = createLowlight(languages);

/** Null: in a language that is not known here, or more than a grammar can bear. */
export const highlight = (code: string, language: string): Span[] | null => {
  const name = language.toLowerCase();
  if (code.length > highlightedMax || !lowlight.registered(name)) return null;
  try {
    return lowlight.highlight(name, code).children.flatMap(spanOf);
  } catch (error) {
    // Signs nested a thousand times deep are more than a grammar bears.
    if (error instanceof RangeError) return null;
    throw error;
  }
};

type Node = ReturnType<typeof lowlight.highlight>['children'][number];

const spanOf = (node: Node): Span[] => {
  if (node.type === 'text') return [node.value];
  if (node.type !== 'element') return [];
  const [name] = node.properties.className as string[];
  return [{ name: name ?? '', spans: node.children.flatMap(spanOf) }];
};
