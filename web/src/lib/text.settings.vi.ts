// Lời của phần cài đặt, tải cùng với trang.
import type { settingsEn } from './text.settings.en.ts';

export const settingsVi: typeof settingsEn = {
  sections: {
    profile: 'Hồ sơ',
    look: 'Giao diện và ngôn ngữ',
    notices: 'Thông báo',
    privacy: 'Riêng tư',
    devices: 'Thiết bị',
    bots: 'Bot và webhook',
    account: 'Tài khoản và dữ liệu',
  },
  save: 'Lưu',
  saved: 'Đã lưu.',
  name: 'Tên',
  nameHint: 'Tên mọi người thấy và tìm bạn. Không có khoảng trắng.',
  email: 'E-mail',
  emailHint: 'Không ai khác nhìn thấy.',
  status: 'Trạng thái',
  statusHint: 'Vài lời cho mọi người, ví dụ “🌴 Nghỉ phép”.',
  statusFor: 'Tự xóa',
  statusForChoices: {
    open: 'Không bao giờ',
    halfHour: 'Sau 30 phút',
    hour: 'Sau một giờ',
    fourHours: 'Sau 4 giờ',
    today: 'Tối nay',
    week: 'Cuối tuần này',
  },
  statusEnds: (when) => `Đến ${when}`,
  clearStatus: 'Xóa trạng thái',
  suggestions: ['📅 Đang họp', '🌴 Nghỉ phép', '🤒 Bị ốm', '🏠 Làm việc ở nhà', '🎧 Cần tập trung'],

  follows: 'Những lựa chọn này theo bạn đến mọi thiết bị.',
  density: 'Mật độ',
  densities: { comfortable: 'Thoáng', compact: 'Gọn' },

  sound: 'Âm thanh',
  soundHint: 'Hai nốt nhẹ khi có tin mới cho bạn.',
  desktop: 'Thông báo trên thiết bị này',
  desktopHint: 'Khi ChatVui đang mở mà bạn nhìn nơi khác.',
  desktopDenied:
    'Trình duyệt đang chặn thông báo của trang này. Hãy cho phép trong phần cài đặt của trình duyệt.',
  desktopUnsupported: 'Trình duyệt này không hiện thông báo ở đây.',
  kindsTitle: 'Báo cho tôi',
  kinds: {
    direct: 'Tin nhắn riêng cho tôi',
    mention: 'Tin nhắn nhắc đến tôi',
    group: 'Mọi tin nhắn trong nhóm',
  },
  kindsHint: 'Cài đặt riêng của từng cuộc trò chuyện (tắt tiếng, chỉ khi được nhắc đến) được ưu tiên.',
  test: 'Thử',
  testTitle: 'ChatVui',
  testBody: 'Thông báo sẽ trông và nghe như thế này.',
  testDone: 'Đã gửi. Nếu không thấy gì, hãy xem cài đặt của hệ thống.',

  privacyChoices: {
    hideReads: 'Ẩn việc tôi đã đọc đến đâu',
    hideTyping: 'Ẩn việc tôi đang nhập',
    invisible: 'Ẩn mình',
  },
  privacyHints: {
    hideReads: 'Bạn cũng sẽ không thấy của người khác.',
    hideTyping: 'Bạn vẫn thấy người khác đang nhập.',
    invisible: 'Mọi người thấy bạn ngoại tuyến, dù bạn làm gì.',
  },

  thisDevice: 'Thiết bị này',
  lastUsed: (when) => `dùng lần cuối ${when}`,
  signedInSince: (when) => `đăng nhập ${when}`,
  signOutDevice: (name) => `Đăng xuất ${name}`,
  signOutOne: 'Đăng xuất',
  signOutOthers: 'Đăng xuất mọi thiết bị khác',
  reallySignOutOthers: 'Chắc chắn đăng xuất?',
  othersSignedOut: 'Mọi thiết bị khác đã được đăng xuất.',
  noOthers: 'Bạn chỉ đăng nhập ở đây.',
  devicesFailed: 'Không tải được danh sách thiết bị.',

  password: 'Mật khẩu',
  currentPassword: 'Mật khẩu hiện tại',
  nextPassword: 'Mật khẩu mới',
  passwordHint: 'Ít nhất 8 ký tự. Mọi thiết bị khác sẽ bị đăng xuất.',
  changePassword: 'Đổi mật khẩu',
  passwordChanged: 'Đã đổi mật khẩu. Mọi thiết bị khác đã được đăng xuất.',

  ownData: 'Dữ liệu của tôi',
  ownDataHint:
    'Tài khoản, thiết bị, bản nháp, cài đặt và mọi điều bạn đã viết trong các cuộc trò chuyện bạn tham gia, dưới dạng các dòng JSON. Vài lần mỗi giờ.',
  download: 'Tải xuống',
  downloading: 'Đang thu thập…',
  downloadCut: 'Việc tải xuống bị ngắt. Hãy thử lại.',

  deletion: 'Xóa tài khoản của tôi',
  deletionHint:
    'Bạn bị đăng xuất ở mọi nơi và rời mọi nhóm. Tên, mật khẩu, e-mail, cài đặt và bản nháp sẽ mất. Không thể hoàn tác.',
  deletionLog: 'Bản sao lưu và nhật ký của máy chủ có thể còn giữ dữ liệu cũ; hãy hỏi người vận hành.',
  deleteMessages: 'Xóa cả mọi tin nhắn của tôi',
  keepMessages: 'Nếu không, chúng vẫn còn, dưới một cái tên không nói lên điều gì.',
  typeName: (name) => `Để chắc chắn, hãy nhập tên của bạn: ${name}`,
  deleteForGood: 'Xóa vĩnh viễn',
  deleting: 'Đang xóa…',
  deleted: 'Tài khoản của bạn đã được xóa.',
};
