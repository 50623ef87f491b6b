// The keyboard in the list of messages: the arrow keys give one message after the other the focus, letters act on it.
import { isTyping, pressedIn } from './shortcuts.ts';

export type MessageKey = 'reply' | 'edit' | 'react' | 'actions';

const row = '[data-testid="message-row"]';

/** An attachment for the element that scrolls. */
export const messageKeys =
  (act: (key: MessageKey, messageId: string, article: HTMLElement) => void) =>
  (scroller: HTMLElement): (() => void) => {
    /** Out of the list the newest that is on screen is the one to begin with. */
    const lastSeen = (rows: HTMLElement[]): HTMLElement | undefined => {
      const { bottom } = scroller.getBoundingClientRect();
      return rows.findLast((one) => one.getBoundingClientRect().top < bottom - 8);
    };
    const step = (from: HTMLElement | null, by: 1 | -1): void => {
      const rows = [...scroller.querySelectorAll<HTMLElement>(row)];
      const to = from ? rows[rows.indexOf(from) + by] : lastSeen(rows);
      to?.focus();
      to?.scrollIntoView({ block: 'nearest' });
    };
    const onkeydown = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      const article = target.closest<HTMLElement>(row);
      // Buttons inside of a message have keys of their own.
      if (isTyping(target) || (article && article !== target) || (!article && target !== scroller)) return;
      const pressed = pressedIn('messages', event);
      if (pressed === null) return;
      if (pressed === 'messageUp' || pressed === 'messageDown')
        step(article, pressed === 'messageUp' ? -1 : 1);
      else if (pressed === 'toComposer')
        document.querySelector<HTMLElement>('[data-testid="composer"]')?.focus();
      else if (article?.dataset.messageId) act(pressed, article.dataset.messageId, article);
      event.preventDefault();
    };
    scroller.addEventListener('keydown', onkeydown);
    return () => scroller.removeEventListener('keydown', onkeydown);
  };
