// Lời của bảng phím tắt, tải cùng với bảng.
import type { Sheet } from './text.sheet.en.ts';

export const sheetVi: Sheet = {
  title: 'Phím tắt',
  groups: { anywhere: 'Ở mọi nơi', messages: 'Trong danh sách tin nhắn', writing: 'Khi đang viết' },
  shortcuts: {
    search: 'Tìm kiếm',
    switcher: 'Đến một cuộc trò chuyện hay một người',
    next: 'Cuộc trò chuyện tiếp theo',
    previous: 'Cuộc trò chuyện trước',
    nextUnread: 'Cuộc trò chuyện chưa đọc tiếp theo',
    newConversation: 'Cuộc trò chuyện mới',
    settings: 'Cài đặt',
    help: 'Bảng này',
    messageUp: 'Tin nhắn phía trên',
    messageDown: 'Tin nhắn phía dưới',
    reply: 'Trả lời',
    edit: 'Sửa (tin nhắn của bạn)',
    react: 'Bày tỏ cảm xúc',
    actions: 'Mọi việc có thể làm',
    toComposer: 'Quay lại ô viết',
    send: 'Gửi',
    newLine: 'Xuống dòng',
    editLast: 'Sửa tin nhắn cuối của bạn (khi ô trống)',
    bold: 'Đậm',
    italic: 'Nghiêng',
    code: 'Mã',
    strike: 'Gạch ngang',
    mention: 'Nhắc đến ai đó',
    emoji: 'Emoji',
    cancel: 'Hủy trả lời hoặc sửa',
  },
};
