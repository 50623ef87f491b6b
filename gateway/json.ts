// What JSON allows and nobody here may send, by HTTP or by socket.

const depthMax = 32;
const loneSurrogate = /\p{Cs}/u;

/** What is wrong with parsed JSON, or null. Iterative: depth is what it guards against. */
export const faultOf = (root: unknown): string | null => {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > depthMax) return `The JSON is nested deeper than ${depthMax} levels.`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string' && loneSurrogate.test(value))
        return 'The text contains half a character (a lone surrogate).';
      if (Array.isArray(value)) for (const inner of value) next.push(inner);
      else if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) next.push(key, inner);
    }
    level = next;
  }
  return null;
};
