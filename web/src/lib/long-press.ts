// A finger that rests on something opens what the other button of a mouse opens. Most systems say so by themselves
// (`contextmenu`); those that do not are waited for no longer than they would take.

const restsMs = 500;
const movesMax = 10;

type Touch = Pick<PointerEvent, 'pointerType' | 'clientX' | 'clientY'> & Event;

/** An attachment. `onpress` is told where the finger rests; the click that would follow is taken away. */
export const longPress =
  (onpress: (at: DOMRect) => void) =>
  (node: EventTarget): (() => void) => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = { x: 0, y: 0 };
    let isPressed = false;
    const cancel = () => clearTimeout(timer);
    const on = <E extends Event>(names: string[], work: (event: E) => void, capture = false) => {
      for (const name of names)
        node.addEventListener(name, work as (event: Event) => void, { signal: ended.signal, capture });
    };
    on<Touch>(['pointerdown'], ({ pointerType, clientX, clientY }) => {
      cancel();
      isPressed = false;
      if (pointerType !== 'touch') return;
      from = { x: clientX, y: clientY };
      timer = setTimeout(() => {
        isPressed = true;
        onpress(new DOMRect(clientX, clientY, 0, 0));
      }, restsMs);
    });
    on<Touch>(['pointermove'], ({ clientX, clientY }) => {
      if (Math.hypot(clientX - from.x, clientY - from.y) > movesMax) cancel();
    });
    on(['pointerup', 'pointercancel', 'contextmenu'], cancel);
    on<Event>(
      ['click'],
      (event) => {
        if (!isPressed) return;
        isPressed = false;
        event.preventDefault();
        event.stopPropagation();
      },
      true,
    );
    return () => {
      cancel();
      ended.abort();
    };
  };
