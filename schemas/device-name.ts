// What a device calls itself (its User-Agent) in two words that a person knows it by.
const browsers: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

const first = (known: [RegExp, string][], agent: string): string | undefined =>
  known.find(([shape]) => shape.test(agent))?.[1];

/** Of a stranger the beginning of what it says itself. */
export const deviceName = (agent: string): { name: string; isPhone: boolean } => {
  const [browser, system] = [first(browsers, agent), first(systems, agent)];
  const name = [browser, system].filter(Boolean).join(' · ') || agent.slice(0, 40);
  return { name, isPhone: /\biPhone\b|\bAndroid\b.*\bMobile\b/.test(agent) };
};
