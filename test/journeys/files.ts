// Files in conversations: sent, seen by those who may, and by nobody else.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Media, Upload } from '../../schemas/media.ts';
import type { Message } from '../../schemas/views.ts';
import { eventually } from '../client/eventually.ts';
import { beginUpload, linkTo, openFile, putPart, tryUpload, upload } from '../client/files.ts';
import { film, tone } from '../client/films.ts';
import { groupOf, type Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const text = (words: string): Buffer => Buffer.from(`${words}\n`);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** Lying on its side, with a place and an author in it. */
const photo = (): Promise<Buffer> =>
  sharp({ create: { width: 900, height: 600, channels: 3, background: '#c63' } })
    .withExif({ IFD0: { Artist: 'An' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '21/1 1/1 42/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();

export const files = (target: () => Target): void => {
  describe('files', () => {
    const stage = new Stage(target);
    const sends = (person: Person, id: string, ...media: Media[]): Promise<Message> =>
      person.api.send(id, '', { attachments: media.map((one) => one.id) });

    it('are sent without a word, and come to the others with what is in them', async () => {
      const { id, ann, bob } = await stage.pair();
      const media = await upload(ann.api, 'bản đồ "Hà Nội".txt', text('đi thẳng'));
      expect(media).toMatchObject({ ownerId: ann.id, contentType: 'text/plain', size: 12, width: null });
      expect(media.sha256).toBe(sha256(text('đi thẳng')));
      const ref = randomUUID();
      ann.socket.send({ type: 'message', ref, conversationId: id, content: '', attachments: [media.id] });
      const sent = await ann.acked(ref);
      const { sha256: hash, size } = media;
      const attachment = { mediaId: media.id, name: 'bản đồ _Hà Nội_.txt', contentType: 'text/plain', size };
      expect(sent).toMatchObject({ content: '', attachments: [{ ...attachment, sha256: hash }] });
      expect((await bob.sees(sent.id)).attachments).toEqual(sent.attachments);
      const opened = await openFile(bob.api, `/api/media/${media.id}`);
      expect(opened.status).toBe(200);
      expect(opened.bytes).toEqual(text('đi thẳng'));
      expect(opened.headers.get('content-disposition')).toMatch(
        /^attachment; .*filename\*=UTF-8''b%E1%BA%A3n/,
      );
      expect(opened.headers.get('content-security-policy')).toContain('sandbox');
      expect(opened.headers.get('x-content-type-options')).toBe('nosniff');
      expect((await ann.api.history(id)).items.at(-1)?.attachments).toEqual(sent.attachments);
    });

    it('are pictures when they are: upright, without where and by whom, small ones and a blur beside them', async () => {
      const { id, ann, bob } = await stage.pair();
      const media = await upload(ann.api, 'IMG_1.JPG', await photo());
      expect(media).toMatchObject({ contentType: 'image/jpeg', width: 600, height: 900, name: 'IMG_1.JPG' });
      expect(media.placeholder).toMatch(/^[A-Za-z0-9+/]{20,}=*$/);
      const { id: messageId, attachments } = await sends(ann, id, media);
      await bob.sees(messageId);
      expect(attachments[0]).toMatchObject({ width: 600, height: 900, placeholder: media.placeholder });
      const url = await linkTo(bob.api, media.id);
      expect(url).toBe(await linkTo(bob.api, media.id));
      const whole = await openFile(bob.api, url, { token: false });
      expect(whole.headers.get('content-type')).toBe('image/jpeg');
      expect(whole.headers.get('content-disposition')).toMatch(/^inline/);
      expect(whole.bytes.includes('Exif')).toBe(false);
      expect(sha256(whole.bytes)).toBe(media.sha256);
      for (const [variant, height] of [
        ['thumb', 320],
        ['preview', 900],
      ] as const) {
        const small = await openFile(bob.api, `${url}&variant=${variant}`, { token: false });
        expect(small.headers.get('content-type')).toBe('image/webp');
        expect(await sharp(small.bytes).metadata()).toMatchObject({ format: 'webp', height });
      }
    });

    it('are films and sounds when they are, kept as they came, with their size and how long they take', async () => {
      const { id, ann, bob } = await stage.pair();
      const upright = await film('mp4', { seconds: 4, rotation: 90 });
      const media = [await upload(ann.api, 'a.mp4', upright), await upload(ann.api, 'b.wav', tone(2))];
      const sent = await sends(ann, id, ...media);
      const [video, audio] = (await bob.sees(sent.id)).attachments;
      expect(video).toMatchObject({ contentType: 'video/mp4', width: 360, height: 640, durationMs: 4_000 });
      expect(video?.sha256).toBe(sha256(upright));
      expect(audio).toMatchObject({ durationMs: 2_000 });
      expect(audio).not.toHaveProperty('width');
    });

    it('are read in ranges, and not again by who has them', async () => {
      const { ann } = await stage.pair();
      const bytes = randomBytes(1000);
      const { id } = await upload(ann.api, 'x.bin', bytes);
      const part = await openFile(ann.api, `/api/media/${id}`, { headers: { range: 'bytes=100-199' } });
      expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-199/1000']);
      expect(part.bytes).toEqual(bytes.subarray(100, 200));
      const end = await openFile(ann.api, `/api/media/${id}`, { headers: { range: 'bytes=-5' } });
      expect(end.bytes).toEqual(bytes.subarray(995));
      const none = await openFile(ann.api, `/api/media/${id}`, { headers: { range: 'bytes=1000-' } });
      expect(none.status).toBe(416);
      const head = await openFile(ann.api, `/api/media/${id}`, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-length')]).toEqual([200, '1000']);
      const etag = head.headers.get('etag') as string;
      const same = await openFile(ann.api, `/api/media/${id}`, { headers: { 'if-none-match': etag } });
      expect([same.status, same.bytes.length]).toEqual([304, 0]);
    });

    it('are seen by their owner and by who may see a message with them, and by nobody else', async () => {
      const { id, people } = await stage.group(2);
      const [ann, bob] = people as [Person, Person];
      const media = await upload(ann.api, 'a.txt', text('ours'));
      const path = `/api/media/${media.id}`;
      const statusFor = async (person: Person, address = path) =>
        (await openFile(person.api, address)).status;
      expect(await statusFor(ann)).toBe(200);
      expect(await statusFor(bob)).toBe(404);
      const sent = await sends(ann, id, media);
      await bob.sees(sent.id);
      expect(await statusFor(bob)).toBe(200);
      const link = await linkTo(bob.api, media.id);
      // Whoever came later does not see what was said before, nor the files of it.
      const cem = await stage.online('late', stage.there);
      await ann.api.addMember(id, cem.id);
      await cem.socket.waitFor('conversation');
      expect(await statusFor(cem)).toBe(404);
      expect(await refusalOf(cem.api.send(id, 'x', { attachments: [media.id] }))).toBe('422 unknown_media');
      // A link is its holder's, and forged ones are nobody's.
      expect(await statusFor(cem, link)).toBe(200);
      for (const forged of [
        link.replace(/&s=./, '&s=_'),
        link.replace(/u=[^&]+/, `u=${cem.id}`),
        `${path}?u=${bob.id}`,
      ])
        expect((await openFile(cem.api, forged, { token: false })).status).toBe(401);
      // What has a link loses it with the right to see.
      await ann.api.removeMember(id, bob.id);
      await eventually(
        async () => (await openFile(bob.api, link, { token: false })).status === 404,
        'bob is out',
      );
      expect(await statusFor(bob)).toBe(404);
      // Sent on by who may see it, it is seen there; deleted here, it stays there.
      const other = await stage.pair();
      const again = await upload(other.ann.api, 'b.txt', text('sent on'));
      const first = await sends(other.ann, other.id, again);
      await other.bob.sees(first.id);
      const group = await groupOf(other.bob, [cem]);
      const onward = await sends(other.bob, group.id, again);
      await cem.sees(onward.id);
      expect((await openFile(cem.api, `/api/media/${again.id}`)).status).toBe(200);
      await other.bob.api.deleteMessage(onward.id);
      await eventually(
        async () => (await openFile(cem.api, `/api/media/${again.id}`)).status === 404,
        'the message is gone, and the file with it',
      );
      expect((await openFile(other.bob.api, `/api/media/${again.id}`)).status).toBe(200);
      await ann.api.deleteMessage(sent.id);
      expect(await statusFor(ann)).toBe(200);
    });

    it('come in parts, in any order and again, and are whole when they are complete', async () => {
      const { id, ann, bob } = await stage.pair();
      const bytes = randomBytes(8 * 1024 * 1024 + 1000);
      const begun = await beginUpload(ann.api, 'lớn.bin', bytes.length);
      expect(begun.parts.map(({ size, received }) => [size, received])).toEqual([
        [8 * 1024 * 1024, false],
        [1000, false],
      ]);
      const [first, second] = begun.parts as [Upload['parts'][number], Upload['parts'][number]];
      expect(await putPart(ann.api, second, begun, bytes)).toBeLessThan(300);
      const completing = () => ann.api.call<Media>('POST', `/api/media/uploads/${begun.id}/complete`);
      expect(await refusalOf(completing())).toBe('409 upload_incomplete');
      const far = await ann.api.call<Upload>('GET', `/api/media/uploads/${begun.id}`);
      expect(far.parts.map(({ received }) => received)).toEqual([false, true]);
      expect(await refusalOf(bob.api.call('GET', `/api/media/uploads/${begun.id}`))).toBe('404 not_found');
      for (const part of [first, first]) expect(await putPart(ann.api, part, begun, bytes)).toBeLessThan(300);
      const media = await completing();
      expect(media).toMatchObject({
        id: begun.id,
        size: bytes.length,
        sha256: sha256(bytes),
        name: 'lớn.bin',
      });
      expect(await completing()).toEqual(media);
      await bob.sees((await sends(ann, id, media)).id);
      expect((await openFile(bob.api, `/api/media/${media.id}`)).bytes.equals(bytes)).toBe(true);
      const given = await beginUpload(ann.api, 'x', 10);
      await ann.api.call('DELETE', `/api/media/uploads/${given.id}`);
      expect(await refusalOf(ann.api.call('GET', `/api/media/uploads/${given.id}`))).toBe('404 not_found');
    });

    it('are pictures of people and of groups', async () => {
      const { id, people } = await stage.group(2);
      const [ann, bob] = people as [Person, Person];
      const stranger = await stage.online('stranger');
      const [face, group] = [
        await upload(ann.api, 'me.jpg', await photo()),
        await upload(ann.api, 'we.jpg', await photo()),
      ];
      const changed = await ann.api.change(ann.id, { pictureMediaId: face.id });
      expect(changed.profilePicUrl).toBe(`/api/media/${face.id}`);
      const made = await ann.api.changeConversation(id, { pictureMediaId: group.id });
      expect(made.pictureUrl).toBe(`/api/media/${group.id}`);
      await eventually(
        async () => (await openFile(stranger.api, `/api/media/${face.id}?variant=thumb`)).status === 200,
        'a stranger sees the face',
      );
      expect((await openFile(bob.api, `/api/media/${group.id}?variant=thumb`)).status).toBe(200);
      expect((await openFile(stranger.api, `/api/media/${group.id}`)).status).toBe(404);
      expect(await refusalOf(bob.api.change(bob.id, { pictureMediaId: face.id }))).toBe('422 unknown_media');
      expect((await ann.api.change(ann.id, { pictureMediaId: null })).profilePicUrl).toBeNull();
      await eventually(
        async () => (await openFile(stranger.api, `/api/media/${face.id}`)).status === 404,
        'it is nobody’s picture any more',
      );
    });

    it('are refused with a reason', async () => {
      const { id, ann } = await stage.pair();
      const refused = async (name: string, bytes: Uint8Array) => {
        const { status, body } = await tryUpload(ann.api, name, bytes);
        return `${status} ${(body as { code: string }).code}`;
      };
      expect(await refused('nothing.txt', new Uint8Array())).toBe('422 empty_file');
      const whole = await photo();
      expect(await refused('half.jpg', whole.subarray(0, whole.length / 2))).toBe('422 broken_image');
      expect(await refusalOf(ann.api.send(id, '', { attachments: [randomUUID()] }))).toBe(
        '422 unknown_media',
      );
      expect(await refusalOf(ann.api.send(id, ''))).toBe('400 invalid_input');
      expect(await refusalOf(ann.api.send(id, '', { attachments: [] }))).toBe('400 invalid_input');
      const tooLarge = { name: 'x', size: 101 * 1024 * 1024 };
      expect(await refusalOf(ann.api.call('POST', '/api/media/uploads', tooLarge))).toBe(
        '413 payload_too_large',
      );
    });
  });
};
