// Words about previews of links, in Vietnamese.
import type { previews as english } from './text.previews.en.ts';

export const previews: typeof english = {
  remove: (title) => `Gỡ phần xem trước: ${title}`,
  removed: 'Đã gỡ phần xem trước cho mọi người.',
  show: 'Hiện phần xem trước của liên kết',
  showHint: 'Những gì trang web tự giới thiệu, do máy chủ đọc. Trình duyệt của bạn không hỏi ai cả.',
};
