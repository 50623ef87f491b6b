// How a picture is looked at more closely: how large and how far moved, in CSS pixels from the middle of the stage. Pure.

export type Zoom = { scale: number; x: number; y: number };
export type Size = { width: number; height: number };
export type Point = { x: number; y: number };

export const whole: Zoom = { scale: 1, x: 0, y: 0 };
export const scaleMax = 8;
export const step = 1.5;

/** The size of a picture that is shown whole within the stage, and not larger than it is. */
export const fitted = (picture: Size, stage: Size): Size => {
  const scale = Math.min(1, stage.width / picture.width, stage.height / picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
};

/** No further than to its edges; what fits stays in the middle. */
export const within = ({ scale, x, y }: Zoom, shown: Size, stage: Size): Zoom => {
  const bounded = Math.min(scaleMax, Math.max(1, scale));
  const room = (picture: number, frame: number) => Math.max(0, (picture * bounded - frame) / 2);
  const clamp = (value: number, most: number) => Math.min(most, Math.max(-most, value)) + 0;
  return {
    scale: bounded,
    x: clamp(x, room(shown.width, stage.width)),
    y: clamp(y, room(shown.height, stage.height)),
  };
};

/** What is under `point` (from the middle of the stage) stays there. */
export const zoomed = (zoom: Zoom, factor: number, point: Point, shown: Size, stage: Size): Zoom => {
  const scale = Math.min(scaleMax, Math.max(1, zoom.scale * factor));
  const by = scale / zoom.scale;
  return within(
    { scale, x: point.x - (point.x - zoom.x) * by, y: point.y - (point.y - zoom.y) * by },
    shown,
    stage,
  );
};
