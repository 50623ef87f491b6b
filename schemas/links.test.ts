// LK: which links of a message may have a preview.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linksOf } from './links.ts';

const a = 'https://a.example/';

describe('LK1 what is a link', () => {
  test.each<[string, string[]]>([
    ['nothing', []],
    [`see ${a}`, [a]],
    [`(${a}page)`, [`${a}page`]],
    [`${a}page.`, [`${a}page`]],
    [`"${a}page", he said`, [`${a}page`]],
    [`${a}page?!…`, [`${a}page`]],
    [`**${a}page**`, [`${a}page`]],
    [`<${a}page>`, [`${a}page`]],
    [`[words](${a}page)`, [`${a}page`]],
    [`[words](${a}page "title")`, [`${a}page`]],
    [`[words](${a}page), and more`, [`${a}page`]],
    [`${a}wiki/Hue_(city)`, [`${a}wiki/Hue_(city)`]],
    [`(${a}wiki/Hue_(city))`, [`${a}wiki/Hue_(city)`]],
    ['HTTPS://A.Example', [a]],
    ['https://bücher.example/ä', ['https://xn--bcher-kva.example/%C3%A4']],
    [`${a}#part`, [`${a}#part`]],
    [`${a}x ${a}x`, [`${a}x`]],
    ['http://1/ http://2/ http://3/ http://4/', ['http://0.0.0.1/', 'http://0.0.0.2/', 'http://0.0.0.3/']],
    ['javascript:alert(1) ftp://a/ mailto:a@b.example a.example xhttps://b.example', []],
    ['https://me:secret@a.example/', []],
    ['https:// http://[ https://:80', []],
    [`https://a.example/${'x'.repeat(2048)}`, []],
  ])('%s', (text, links) => {
    expect(linksOf(text)).toEqual(links);
  });
});

describe('LK2 not in code, not where it is hidden', () => {
  test.each<[string, string[]]>([
    [`\`${a}\` and \`\`x \` ${a}\`\``, []],
    [`\`\`\`\n${a}\n\`\`\``, []],
    [`~~~js\n${a}\n~~~\n${a}after`, [`${a}after`]],
    [`> \`\`\`\n> ${a}\n> \`\`\``, []],
    [`\`\`\`\n${a}`, []],
    [`one \` alone ${a}`, [a]],
    [`||${a}||`, []],
    [`||x|| ${a} ||y||`, [a]],
    [`|| alone ${a}`, [a]],
  ])('%s', (text, links) => {
    expect(linksOf(text)).toEqual(links);
  });
});

test('LK3 any text, in time that grows with the text alone', () => {
  const parts = ['`', '``', '||', '```\n', '~~~', 'https://', 'http://a.b/', '(', ')', '(((', '.', ' ', 'é'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts)), (some) => {
      expect(linksOf(some.join('')).length).toBeLessThanOrEqual(3);
    }),
  );
  for (const part of [...parts, '` ``', 'https://a.b/(', 'https://a.b/)))', '`https://a.b/']) {
    const text = part.repeat(16_000 / part.length);
    const begun = performance.now();
    linksOf(text);
    expect(performance.now() - begun, part).toBeLessThan(500);
  }
});
