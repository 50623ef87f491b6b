import { describe, expect, it } from 'vitest';
import { cleanName, dispositionOf, withExtension } from './names.ts';

describe('a name that a stranger gave a file', () => {
  it.each([
    ['ảnh cưới.jpg', 'ảnh cưới.jpg'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\an\\bản đồ.png', 'bản đồ.png'],
    ['a\u0000b.exe', 'ab.exe'],
    ['cv\u202excod.exe', 'cvxcod.exe'],
    ['a\r\nSet-Cookie: x=1', 'aSet-Cookie_ x=1'],
    ['  ..hidden.. ', 'hidden'],
    ['<b>"x"|?*.html', '_b__x____.html'],
    ['a/', 'file'],
    ['', 'file'],
    ['\ud800', 'file'],
  ])('%j becomes %j', (given, clean) => expect(cleanName(given)).toBe(clean));

  it('is cut, and keeps its ending', () => {
    const long = cleanName(`${'ế'.repeat(4096)}.pdf`);
    expect([...long]).toHaveLength(200);
    expect(long).toMatch(/ế\.pdf$/);
    expect([...cleanName(`a.${'b'.repeat(5000)}`)]).toHaveLength(200);
  });

  it('gets the ending of what the file has become', () => {
    expect(withExtension('a.JPEG', '.jpg')).toBe('a.JPEG');
    expect(withExtension('a.avif', '.webp')).toBe('a.webp');
    expect(withExtension('a', '.png')).toBe('a.png');
  });

  it('comes whole and harmless in a header', () => {
    expect(dispositionOf('attachment', 'bản "đồ".png')).toBe(
      `attachment; filename="ban _o_.png"; filename*=UTF-8''b%E1%BA%A3n%20%22%C4%91%E1%BB%93%22.png`,
    );
    expect(dispositionOf('inline', '图')).toBe(`inline; filename="file"; filename*=UTF-8''%E5%9B%BE`);
  });
});
