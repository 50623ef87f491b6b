// What a message does beside its row: a sound, a notice on the desktop. Loaded after the chat; see notices.ts for when.

/** However much comes, it rings so seldom. */
const ringEveryMs = 3_000;
let rangAt = Number.NEGATIVE_INFINITY;

/** Two soft tones, made here: no file to fetch, and where the browser wants a click first there is silence, no error. */
export const ring = async (): Promise<void> => {
  if (!navigator.userActivation?.hasBeenActive || performance.now() - rangAt < ringEveryMs) return;
  rangAt = performance.now();
  const context = new AudioContext();
  try {
    const begin = context.currentTime;
    for (const [at, frequency] of [
      [0, 660],
      [0.11, 880],
    ] as const) {
      const tone = new OscillatorNode(context, { type: 'sine', frequency });
      const loudness = new GainNode(context, { gain: 0 });
      loudness.gain.setValueAtTime(0, begin + at);
      loudness.gain.linearRampToValueAtTime(0.12, begin + at + 0.015);
      loudness.gain.exponentialRampToValueAtTime(0.0001, begin + at + 0.28);
      tone.connect(loudness).connect(context.destination);
      tone.start(begin + at);
      tone.stop(begin + at + 0.3);
    }
    await new Promise((resolve) => setTimeout(resolve, 600));
  } finally {
    await context.close();
  }
};

export type DesktopNotice = { title: string; body: string; tag: string; onclick: () => void };

/** 'unsupported' too where the page is not served safely. */
export const permission = (): NotificationPermission | 'unsupported' =>
  'Notification' in globalThis && isSecureContext ? Notification.permission : 'unsupported';

export const askPermission = (): Promise<NotificationPermission> => Notification.requestPermission();

const bodyLength = 160;

/** One of each tag at a time: of a conversation the newest. False: the browser does not show it. */
export const showNotice = ({ title, body, tag, onclick }: DesktopNotice): boolean => {
  if (permission() !== 'granted') return false;
  try {
    const short = body.length > bodyLength ? `${body.slice(0, bodyLength)}…` : body;
    const notice = new Notification(title, { body: short, tag, icon: '/icons/icon-192.png', silent: true });
    notice.onclick = () => {
      window.focus();
      onclick();
      notice.close();
    };
    return true;
  } catch {
    // Some browsers of phones have the name and not the thing.
    return false;
  }
};

/** Of several tabs one does it: the first to come keeps the others out for a moment. */
export const once = async (name: string, work: () => void): Promise<void> => {
  if (!('locks' in navigator)) return work();
  await navigator.locks.request(`chatvui.notice.${name}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    work();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  });
};
