import { describe, expect, test } from 'vitest';
import { gistOf } from '../gist.ts';
import type { Attachment } from '../protocol.ts';
import { en } from '../text.en.ts';
import { vi } from '../text.vi.ts';
import { durationText, kindOf, nameOf, plainName, sizeText } from './kinds.ts';

const file = (name: string, contentType: string): Attachment => ({
  mediaId: name,
  name,
  contentType,
  size: 1,
});

describe('What a file is to its reader', () => {
  test.each([
    ['image/png', 'picture'],
    ['IMAGE/JPEG; q=1', 'picture'],
    ['image/svg+xml', 'file'],
    ['text/html', 'file'],
    ['text/plain', 'text'],
    ['text/csv', 'text'],
    ['application/pdf', 'pdf'],
    ['application/zip', 'archive'],
    ['video/mp4', 'video'],
    ['audio/ogg', 'audio'],
    ['application/octet-stream', 'file'],
    ['', 'file'],
  ])('given %s, then it is a %s: what could run is never shown', (contentType, kind) => {
    expect(kindOf({ contentType })).toBe(kind);
  });

  test('given a name that is turned round, then its true end is seen, and it is never cut off', () => {
    expect(nameOf('holiday\u202egnp.exe')).toEqual({ stem: 'holidaygnp', end: '.exe' });
    expect(nameOf('a\nb.txt')).toEqual({ stem: 'a b', end: '.txt' });
    expect(nameOf('.gitignore')).toEqual({ stem: '.gitignore', end: '' });
    expect(nameOf('what. no end at all')).toEqual({ stem: 'what. no end at all', end: '' });
    expect(plainName('báo cáo.pdf')).toBe('báo cáo.pdf');
  });

  test('given sizes and times, then they are said as people say them', () => {
    expect([sizeText('en', 1), sizeText('en', 999), sizeText('en', 1_400_000)]).toEqual(
      ['1 byte', '999 byte', '1.4 MB'].map((one) => one.replace('999 byte', '999 bytes')),
    );
    expect(sizeText('vi', 1_400_000)).toBe('1,4 MB');
    expect(sizeText('en', 48_200)).toBe('48 kB');
    expect([durationText(7_000), durationText(187_400), durationText(3_720_000)]).toEqual([
      '0:07',
      '3:07',
      '1:02:00',
    ]);
  });

  test('given a message in one line, then its words come first, and else what files it brings', () => {
    const said = (content: string, attachments: Attachment[], deletedAt: string | null = null) => ({
      content,
      attachments,
      deletedAt,
    });
    const picture = file('a.png', 'image/png');
    expect(gistOf(en, said('**hi**', [picture]))).toBe('hi');
    expect(gistOf(en, said('', [picture]))).toBe('Picture');
    expect(gistOf(vi, said('', [picture, picture]))).toBe('2 ảnh');
    expect(gistOf(en, said('', [file('a\u202e.pdf', 'application/pdf')]))).toBe('a.pdf');
    expect(gistOf(en, said('', [picture, file('a.pdf', 'application/pdf')]))).toBe('2 files');
    expect(gistOf(en, said('', [picture], '2026-01-01'))).toBe(en.deletedMessage);
    expect(gistOf(en, said('', []))).toBe('');
  });
});
