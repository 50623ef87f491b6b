// What the pages behind links say is shown a moment later. The pages are on this machine, on an address that the operator
// has allowed; another one, which has not been, must not be connected to.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { previewId } from '../../schemas/ids.ts';
import type { Message } from '../../schemas/views.ts';
import { eventually } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import { type Outgoing, outsideHost } from './outside.ts';
import { refusalOf, Stage } from './stage.ts';

export const previewing = (target: () => Outgoing): void => {
  describe('previews of links', () => {
    let png: Buffer;
    let site: Server;
    let canary: Server;
    let canaryConnections = 0;
    let asked: string[] = [];
    const stage = new Stage(target);
    let address: string;
    let inner: string;

    const listening = async (one: Server, host: string): Promise<string> => {
      await new Promise<void>((resolve) => one.listen(0, host, resolve));
      return `http://${host}:${(one.address() as AddressInfo).port}`;
    };

    beforeAll(async () => {
      png = await sharp({ create: { width: 640, height: 320, channels: 3, background: '#c33' } })
        .png()
        .toBuffer();
      canary = createServer((_request, response) => response.end('<title>inner secret</title>'));
      canary.on('connection', () => {
        canaryConnections += 1;
      });
      inner = await listening(canary, '127.0.0.1');
      site = createServer((request, response) => {
        asked.push(request.url ?? '');
        if (request.url === '/p.png')
          return response.writeHead(200, { 'content-type': 'image/png' }).end(png);
        if (request.url?.startsWith('/away')) return response.writeHead(302, { location: inner }).end();
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(
          `<head><title>Page ${request.url}</title><meta property="og:site_name" content="Trang \u202eweb">${
            request.url === '/pictured' ? '<meta property="og:image" content="p.png">' : ''
          }${request.url === '/nosy' ? `<meta property="og:image" content="${inner}/x.png">` : ''}`,
        );
      });
      address = await listening(site, outsideHost);
    });
    afterAll(() => {
      site.close();
      canary.close();
    });

    const titlesOf = ({ previews }: Message) => previews.map(({ title }) => title);
    const withPreview = ({ previews }: Message) => previews.length > 0;

    it('come to everybody who is here, to whoever was away, and to whoever looks later; each page is read once', async () => {
      const { id, ann, bob } = await stage.pair();
      await bob.socket.settle();
      const { cursor } = bob.socket;
      bob.close();
      asked = [];
      const sent = await ann.say(id, `look: ${address}/one and ${address}/two, not \`${address}/code\``);
      expect(sent.previews).toEqual([]);
      const seen = await ann.sees(sent.id, ({ previews }) => previews.length === 2);
      expect(seen.previews).toEqual([
        {
          id: previewId(sent.id, `${address}/one`),
          url: `${address}/one`,
          siteName: 'Trang web',
          title: 'Page /one',
          description: '',
          image: null,
          addedAt: expect.any(String),
        },
        expect.objectContaining({ url: `${address}/two`, title: 'Page /two' }),
      ]);
      const socket = await bob.connect({ cursor });
      const { message } = await socket.waitFor('message', (frame) => frame.message.id === sent.id);
      expect(message.previews).toEqual(seen.previews);
      expect((await bob.api.history(id)).items.at(-1)?.previews).toEqual(seen.previews);

      const again = await bob.say(id, `yes, ${address}/one`);
      expect(titlesOf(await ann.sees(again.id, withPreview))).toEqual(['Page /one']);
      expect(asked.sort()).toEqual(['/one', '/two']);
    });

    it('go with the link and with the message, and come with a link that an edit brings', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = await ann.say(id, `${address}/mistaken`);
      await bob.sees(sent.id, withPreview);
      const edited = await ann.api.edit(sent.id, `${address}/meant`);
      expect(edited.previews).toEqual([]);
      expect(
        titlesOf(await bob.sees(sent.id, ({ previews }) => previews[0]?.title === 'Page /meant')),
      ).toEqual(['Page /meant']);
      expect((await ann.api.deleteMessage(sent.id)).previews).toEqual([]);
      await bob.sees(sent.id, ({ deletedAt, previews }) => deletedAt !== null && previews.length === 0);
    });

    it('are removed by whoever wrote the message and by an admin, by nobody else, and for good', async () => {
      const { id, people } = await stage.group(3);
      const [admin, ben, cat] = people as [Person, Person, Person];
      const [one, two] = [await ben.say(id, `${address}/one`), await ben.say(id, `${address}/two`)];
      const first = (await cat.sees(one.id, withPreview)).previews[0]?.id as string;
      const second = (await cat.sees(two.id, withPreview)).previews[0]?.id as string;
      expect(await refusalOf(cat.api.removePreview(one.id, first))).toBe('403 not_the_sender');
      expect(await refusalOf(ben.api.removePreview(one.id, second))).toBe('404 not_found');
      expect((await ben.api.removePreview(one.id, first)).previews).toEqual([]);
      expect((await admin.api.removePreview(two.id, second)).previews).toEqual([]);
      await eventually(
        async () =>
          (await cat.api.history(id)).items.every(({ previews }) => previews.length === 0) || undefined,
        'nobody sees them',
      );
      expect((await ben.api.removePreview(one.id, first)).previews).toEqual([]);
      expect((await ben.api.edit(one.id, `again ${address}/one`)).previews).toEqual([]);
    });

    it('have the picture that the page names, made anew, for whoever may see the message', async () => {
      const { id, ann, bob } = await stage.pair();
      const eve = await stage.online('eve');
      const sent = await ann.say(id, `${address}/pictured ${address}/one`);
      const seen = await bob.sees(sent.id, ({ previews }) => previews.length === 2);
      expect(seen.previews.map(({ image }) => image)).toEqual([
        { mediaId: expect.any(String), width: 640, height: 320, placeholder: expect.any(String) },
        null,
      ]);
      const path = `/api/media/${seen.previews[0]?.image?.mediaId}?variant=thumb`;
      const asked = async (person: Person) => {
        const answer = await fetch(stage.there + path, {
          headers: { authorization: `Bearer ${person.token}` },
        });
        return [answer.status, answer.headers.get('content-type')];
      };
      expect(await asked(bob)).toEqual([200, 'image/webp']);
      expect((await asked(eve))[0]).toBe(404);
      const nosy = await ann.say(id, `${address}/nosy`);
      expect((await bob.sees(nosy.id, withPreview)).previews[0]?.image).toBeNull();
      expect(canaryConnections).toBe(0);
      await ann.api.deleteMessage(sent.id);
      expect((await asked(bob))[0]).toBe(404);
    });

    it('are none of what is not public, however one gets there', async () => {
      const { id, ann } = await stage.pair();
      const { port } = new URL(inner);
      const refused = await ann.say(
        id,
        `${inner}/ http://2130706433:${port}/ http://[::ffff:127.0.0.1]:${port}/`,
      );
      const away = await ann.say(id, `${address}/away`);
      const fine = await ann.say(id, `${address}/fine`);
      await ann.sees(fine.id, withPreview);
      await eventually(() => asked.includes('/away'), 'the redirect was followed');
      const shown = (await ann.api.history(id)).items.filter(({ id: one }) =>
        [refused.id, away.id].includes(one),
      );
      expect(shown.flatMap(({ previews }) => previews)).toEqual([]);
      expect(canaryConnections).toBe(0);
    });
  });
};
