// The address bar as state: `#/c/<conversation id>`, or nothing. Back and forward work by themselves.

const expression = /^#\/c\/([0-9a-f-]{36})$/i;

export class Route {
  conversationId = $state<string | null>(null);

  constructor() {
    const read = () => {
      this.conversationId = expression.exec(location.hash)?.[1] ?? null;
    };
    addEventListener('hashchange', read);
    read();
  }

  open(conversationId: string): void {
    location.hash = `#/c/${conversationId}`;
  }

  close(): void {
    if (this.conversationId === null) return;
    history.pushState(null, '', location.pathname);
    this.conversationId = null;
  }
}

export const hrefOf = (conversationId: string): string => `#/c/${conversationId}`;
