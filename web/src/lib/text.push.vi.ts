// Lời của thông báo không mang nội dung. Service worker giữ sẵn những lời này.
import type { pushEn } from './text.push.en.ts';

export const pushVi: typeof pushEn = {
  messages: (count) => (count === 1 ? 'Tin nhắn mới' : `${count} tin nhắn mới`),
  mention: (count) =>
    count === 1 ? 'Có người nhắc đến bạn' : `Có người nhắc đến bạn · ${count} tin nhắn mới`,
  reaction: (count) => (count === 1 ? 'Có người bày tỏ cảm xúc với bạn' : `${count} cảm xúc dành cho bạn`),
  more: (count) => `${count} tin nhắn mới`,
  test: 'Hoạt động tốt: thông báo đến được thiết bị này.',
};
