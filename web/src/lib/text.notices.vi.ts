// Lời về việc báo tin: cài đặt, lời mời bật thông báo, và vì sao được báo hay không.
import type {
  ExplainedNotice,
  NoticeChannel,
  NoticeKind,
  NotificationExplanation,
} from '../../../schemas/notifications.ts';
import type { PushState } from './push.ts';
import type { noticesEn } from './text.notices.en.ts';

type Reason = NonNullable<ExplainedNotice['reason']>;

const channels: Record<NoticeChannel, string> = { push: 'Thông báo', email: 'E-mail' };
const kinds: Record<NoticeKind, string> = {
  mention: 'Có người nhắc đến tôi',
  direct: 'Tin nhắn riêng cho tôi',
  keyword: 'Có một trong các từ của tôi',
  group: 'Mọi tin nhắn trong nhóm',
  reaction: 'Có người bày tỏ cảm xúc với tôi',
};
const turnedOn: Record<PushState, string> = {
  on: 'Đã bật thông báo cho thiết bị này.',
  off: 'Trình duyệt chưa nhận được câu trả lời; thông báo vẫn tắt.',
  denied:
    'Trình duyệt đang chặn thông báo của trang này. Để đổi, hãy mở cài đặt của địa chỉ này (biểu tượng bên trái địa chỉ) và cho phép thông báo.',
  unsupported: 'Trình duyệt này không thể báo tin khi ChatVui đã đóng, hoặc trang không dùng HTTPS.',
  to_install:
    'Trên iPhone hoặc iPad, trước hết hãy thêm ChatVui vào màn hình chính (Chia sẻ, rồi “Thêm vào MH chính”) và mở từ đó.',
  no_server: 'Hệ thống này không gửi thông báo khi trang đã đóng.',
  failed: 'Trình duyệt không kết nối được dịch vụ đẩy của nó. Hãy thử lại sau hoặc dùng trình duyệt khác.',
};
const reasons: Record<Reason, string> = {
  imported: 'Tin này được nhập từ hệ thống khác, không phải mới viết.',
  too_old: 'Khi đến lượt thì tin đã cũ.',
  deleted: 'Tin đã bị xóa.',
  own_message: 'Chính bạn viết tin này.',
  not_a_member: 'Lúc tin được viết, bạn không ở trong cuộc trò chuyện.',
  nothing: 'Bạn không muốn được báo gì từ cuộc trò chuyện này.',
  muted: 'Bạn đã tắt tiếng cuộc trò chuyện này.',
  only_mentions:
    'Ở cuộc trò chuyện này bạn chỉ muốn được báo khi được nhắc đến, và tin này không nhắc đến bạn.',
  large_group: 'Trong nhóm lớn chỉ báo khi bạn được nhắc đến, trừ khi bạn chọn mọi tin nhắn.',
  already_read: 'Bạn đã đọc trước khi đến giờ báo.',
  no_channel: 'Chưa thiết bị nào bật thông báo và chưa có địa chỉ e-mail nào được xác nhận.',
  kind_off: 'Bạn đã tắt loại tin này cho cách báo này.',
  delivered: 'ChatVui đang mở trên thiết bị này và đã nhận được tin.',
  left: 'Bạn đã rời cuộc trò chuyện.',
  signed_out: 'Thiết bị này đã đăng xuất.',
  gone: 'Thiết bị này không nhận thông báo nữa.',
  nothing_to_send: 'Không còn gì để báo.',
  gave_up: 'Đã thử nhiều lần mà không được.',
  superseded: 'Một thông báo khác đã báo tin này.',
  set_time: 'Sẽ báo nếu bạn chưa đọc trong khoảng thời gian đã đặt.',
  quiet_hours: 'Đang chờ hết giờ yên tĩnh của bạn.',
  digest: 'Đang chờ e-mail tổng hợp hằng ngày.',
  rate: 'Có nhiều tin cùng lúc; tin này chờ một chút.',
  retry: 'Chưa gửi được và sẽ thử lại.',
};
const states: Record<ExplainedNotice['state'], string> = {
  waiting: 'Chưa gửi',
  sent: 'Đã gửi',
  cleared: 'Đã gửi, và được cất đi sau khi bạn đọc',
  dropped: 'Không gửi',
  failed: 'Không gửi được',
};
const unexplained: Record<Exclude<NotificationExplanation['state'], 'decided'>, string> = {
  not_yet: 'Chưa có quyết định gì về tin nhắn này. Hãy xem lại sau giây lát.',
  not_kept: 'Không còn lưu thông tin về tin nhắn này, hoặc tin có trước khi có thông báo.',
};

export const noticesVi: typeof noticesEn = {
  turnedOn,
  offer: 'Báo cho bạn khi có tin nhắn mới lúc ChatVui đã đóng?',
  offerYes: 'Bật',
  offerNo: 'Để sau',
  offerLater: 'Bạn có thể bật trong Cài đặt, Thông báo.',

  whileOpen: 'Khi ChatVui đang mở',
  whenClosed: 'Khi bạn vắng mặt',
  push: 'Thông báo trên thiết bị này',
  pushHint: 'Cả khi ChatVui đã đóng.',
  tryIt: 'Gửi thử',
  trying: 'Đang gửi…',
  tried: {
    sent: 'Đã gửi. Thông báo sẽ hiện trong vài giây. Nếu không, hãy xem cài đặt thông báo của hệ thống.',
    waiting: 'Chưa gửi được. Hãy thử lại sau giây lát.',
    cleared: 'Đã gửi.',
    dropped: 'Không gửi được: thiết bị này không nhận thông báo nữa. Hãy tắt rồi bật lại.',
    failed: 'Dịch vụ đẩy không nhận. Hãy thử lại sau.',
  },
  loading: 'Đang tải…',
  loadFailed: 'Không tải được các cài đặt này.',

  what: 'Báo cho tôi điều gì và bằng cách nào',
  channels,
  kinds,
  byChannel: (kind, channel) => `${kind}: ${channel}`,
  whatHint: 'Cài đặt riêng của từng cuộc trò chuyện (tắt tiếng, chỉ khi được nhắc đến) được ưu tiên.',
  afterPush: 'Thông báo trên các thiết bị nếu tôi chưa đọc',
  afterEmail: 'E-mail nếu tôi chưa đọc',
  after: (seconds) =>
    seconds === 0
      ? 'ngay lập tức'
      : seconds < 60
        ? `sau ${seconds} giây`
        : seconds < 3600
          ? `sau ${seconds / 60} phút`
          : `sau ${seconds / 3600} tiếng`,
  mentionsAtOnce: 'Khi được nhắc đến, bạn được báo ngay.',
  showContent: 'Hiện tên và nội dung trong thông báo',
  showContentHint:
    'Nếu không, thông báo chỉ nói là có tin mới. Nội dung đi qua dịch vụ đẩy của trình duyệt, được mã hóa, và có trong e-mail.',
  tryMail: 'Gửi e-mail thử',
  mailTried: {
    sent: (address) => `Đã gửi tới ${address}. Nếu không thấy, hãy xem trong mục thư rác.`,
    waiting: () => 'Chưa gửi được. Thư sẽ được gửi ngay khi máy chủ thư nhận.',
    cleared: (address) => `Đã gửi tới ${address}.`,
    dropped: () => 'Không gửi được: thư không đến được địa chỉ của bạn nữa. Hãy xem lại địa chỉ trong hồ sơ.',
    failed: () => 'Máy chủ thư không nhận. Hãy thử lại sau, hoặc báo cho người quản lý hệ thống này.',
  },
  noMail: {
    none: 'Bạn chưa có địa chỉ e-mail.',
    unconfirmed: 'Địa chỉ của bạn chưa được xác nhận: hãy mở liên kết trong thư chúng tôi đã gửi tới đó.',
    bounced: 'Thư gửi tới địa chỉ của bạn bị trả lại nên không có gì được gửi tới đó nữa.',
  },
  toAddress: 'Địa chỉ của bạn',
  digest: 'E-mail hằng ngày về những gì tôi chưa đọc',
  at: 'Lúc',

  keywords: 'Từ cần chú ý',
  keywordsHint:
    'Tin nhắn có một trong các từ này được báo như khi nhắc đến bạn. Không phân biệt hoa thường và dấu.',
  keyword: 'Từ hoặc cụm từ',
  addKeyword: 'Thêm',
  removeKeyword: (word) => `Bỏ ${word}`,

  quiet: 'Giờ yên tĩnh',
  quietHint: 'Tin đến trong giờ này được báo khi hết giờ.',
  from: 'Từ',
  to: 'Đến',
  days: 'Vào',
  mentionsPass: 'Vẫn báo khi có người nhắc đến tôi',
  timeZone: 'Múi giờ',
  timeZoneHere: (zone) => `Dùng múi giờ của thiết bị này (${zone})`,

  devices: 'Thiết bị nhận thông báo',
  noDevices: 'Chưa có.',
  thisDevice: 'Thiết bị này',
  unknownDevice: 'Một thiết bị đã đăng xuất',
  by: (host) => `qua ${host}`,
  lastSent: (when) => `thông báo gần nhất ${when}`,
  neverSent: 'chưa có thông báo nào',
  turnOff: 'Tắt',
  turnOffDevice: (name) => `Tắt thông báo trên ${name}`,

  whyTitle: 'Tôi có được báo về tin này không?',
  unexplained,
  states,
  reasons,
  unknownReason: 'Vì một lý do mà phiên bản ChatVui này chưa biết.',
  nobody: 'Không có gì cần báo cho bạn.',
  kindWas: (kind) => `Vì: ${kind}`,
  allChannels: 'Không bằng cách nào',
  dueAt: (when) => `Sẽ báo lúc ${when}.`,
  tries: (count) => `${count} lần thử.`,
  toSettings: 'Cài đặt thông báo',
};
