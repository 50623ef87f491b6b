// The photographs in the pictures: drawn here, so that they are ours and small, and come out the same every time.
import sharp from 'sharp';

type Drawing = { width: number; height: number; body: string };

const sky = (top: string, bottom: string) =>
  `<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#sky)"/>`;
const lantern = (x: number, y: number, r: number, colour: string) =>
  `<path d="M${x} 0V${y - r}" stroke="#2a1a14" stroke-width="3"/><ellipse cx="${x}" cy="${y}" rx="${r * 0.82}" ry="${r}" fill="${colour}"/><ellipse cx="${x}" cy="${y}" rx="${r * 0.4}" ry="${r}" fill="none" stroke="#0002" stroke-width="3"/><path d="M${x - r * 0.4} ${y - r}h${r * 0.8}M${x - r * 0.4} ${y + r}h${r * 0.8}" stroke="#2a1a14" stroke-width="7"/><path d="M${x} ${y + r}v${r * 0.7}" stroke="${colour}" stroke-width="6"/>`;
const house = (x: number, y: number, width: number, height: number, wall: string) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${wall}"/><path d="M${x - 16} ${y}L${x + width / 2} ${y - 60}L${x + width + 16} ${y}z" fill="#7b3f2a"/><rect x="${x + width * 0.2}" y="${y + 40}" width="${width * 0.22}" height="${height * 0.3}" fill="#5b3320"/><rect x="${x + width * 0.58}" y="${y + 40}" width="${width * 0.22}" height="${height * 0.3}" fill="#5b3320"/>`;

const drawings = {
  lanterns: {
    width: 1200,
    height: 900,
    body: `${sky('#1c2350', '#d9774f')}${house(80, 520, 300, 380, '#e2b04a')}${house(450, 560, 260, 340, '#d99a3d')}${house(800, 500, 320, 400, '#e6bb5e')}${lantern(220, 210, 92, '#e0453a')}${lantern(470, 320, 74, '#f0b429')}${lantern(690, 180, 86, '#e8743b')}${lantern(960, 280, 100, '#c8385a')}`,
  },
  river: {
    width: 900,
    height: 1200,
    body: `${sky('#f6c28b', '#f7e3c4')}<circle cx="450" cy="420" r="120" fill="#fff3d6"/><path d="M0 520q230 -120 450 -20t450 -40v740H0z" fill="#6f9d8e"/><rect y="640" width="900" height="560" fill="#4d8fa0"/><path d="M330 700h240M300 790h300M360 880h180M250 980h400" stroke="#ffeec8" stroke-width="14" stroke-linecap="round" opacity=".8"/><path d="M250 840q200 90 400 0l-50 70h-300z" fill="#5b3320"/><path d="M450 850V680l110 110z" fill="#f2f2ea"/>`,
  },
  bicycles: {
    width: 1200,
    height: 900,
    body: `${sky('#a8d8ea', '#f4f1de')}<rect y="620" width="1200" height="280" fill="#c9b48a"/>${house(60, 330, 420, 300, '#e9c46a')}<path d="M700 640q150 -420 380 -300q-160 30 -200 300z" fill="#4f9d69"/><g fill="none" stroke="#264653" stroke-width="16"><circle cx="480" cy="700" r="110"/><circle cx="790" cy="700" r="110"/><path d="M480 700l90 -170h170l50 170M570 530l80 170l90 -170M540 520h70M720 500h60" stroke-linejoin="round" stroke-linecap="round"/></g>`,
  },
  noodles: {
    width: 1000,
    height: 1000,
    body: `<rect width="1000" height="1000" fill="#8d5a3b"/><circle cx="500" cy="500" r="400" fill="#f4f1ea"/><circle cx="500" cy="500" r="330" fill="#c98b4a"/><g fill="none" stroke="#f3dfae" stroke-width="26" stroke-linecap="round"><path d="M280 460q120 -120 240 0t200 20M300 560q110 100 230 0t190 30M330 660q110 -70 190 0t160 -20"/></g><g fill="#5f9e4a"><ellipse cx="650" cy="360" rx="70" ry="30"/><ellipse cx="720" cy="430" rx="60" ry="26"/><ellipse cx="590" cy="310" rx="50" ry="22"/></g><g fill="#9c3f2d"><rect x="330" y="320" width="130" height="60" rx="20"/><rect x="300" y="400" width="110" height="56" rx="20"/></g>`,
  },
  beach: {
    width: 1600,
    height: 900,
    body: `${sky('#ef8e6b', '#fbd9a5')}<circle cx="800" cy="470" r="150" fill="#fff0c9"/><rect y="520" width="1600" height="180" fill="#4f93a8"/><path d="M0 690q400 -60 800 0t800 -10v220H0z" fill="#e9cf9f"/><path d="M1250 720q20 -260 -60 -380M1190 340q-120 -40 -190 40q110 -40 190 -40q-60 60 -60 130q40 -90 60 -130q110 0 160 90q-20 -110 -160 -90q90 -60 190 -10q-80 -80 -190 10" fill="#3f7d5a" stroke="#3f5d3a" stroke-width="14"/>`,
  },
} satisfies Record<string, Drawing>;
export type Photograph = keyof typeof drawings;

/** A JPEG, as a phone would send it. */
export const photograph = (name: Photograph): Promise<Buffer> => render(drawings[name]);

/** Somebody's face, as people choose them who would rather not show their own. */
export const face = (ground: string, shape: string): Promise<Buffer> =>
  render({
    width: 400,
    height: 400,
    body: `<rect width="400" height="400" fill="${ground}"/>${shape}`,
  });
export const shapes = {
  hills:
    '<circle cx="280" cy="130" r="48" fill="#ffe8a3"/><path d="M0 400L140 170l110 150l60 -80l90 160z" fill="#20444a"/>',
  flower:
    '<g fill="#fff3f0"><circle cx="200" cy="120" r="62"/><circle cx="276" cy="176" r="62"/><circle cx="247" cy="265" r="62"/><circle cx="153" cy="265" r="62"/><circle cx="124" cy="176" r="62"/></g><circle cx="200" cy="200" r="52" fill="#f2b134"/>',
  cat: '<path d="M110 130l20 -70l70 50l70 -50l20 70q40 190 -90 190t-90 -190z" fill="#3b3140"/><circle cx="165" cy="190" r="17" fill="#e9e36b"/><circle cx="235" cy="190" r="17" fill="#e9e36b"/><path d="M200 230l-14 -14h28z" fill="#e8a0a8"/>',
  wave: '<path d="M0 250q100 -90 200 0t200 0v150H0z" fill="#f4fbff"/><path d="M0 310q100 -70 200 0t200 0v90H0z" fill="#1d5c87"/><circle cx="110" cy="110" r="50" fill="#ffd27a"/>',
} as const;

const render = ({ width, height, body }: Drawing): Promise<Buffer> =>
  sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`),
  )
    .jpeg({ quality: 88 })
    .toBuffer();
