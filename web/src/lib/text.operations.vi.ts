// Lời của trang vận hành, tải cùng trang đó.
import type { operationsEn } from './text.operations.en.ts';

const problems: (typeof operationsEn)['problems'] = {
  server_away: {
    title: (subject) => `${subject} không trả lời`,
    remedy:
      'Kiểm tra máy chủ đó có đang chạy và có kết nối được từ đây không. Những gì đang chờ sẽ tự chạy tiếp.',
  },
  gateway_closed: {
    title: (subject) => `Cổng ${subject} không nhận tin nhắn`,
    remedy:
      'Cổng không nghe được nhật ký sự kiện. Hãy xem nhật ký trước; nếu nhật ký ổn thì khởi động lại cổng.',
  },
  gateway_missing: {
    title: () => 'Không có cổng nào báo cáo',
    remedy: 'Các cổng báo cáo qua cơ sở dữ liệu: xem nó có trả lời không và đồng hồ các máy có đúng không.',
  },
  partition_stopped: {
    title: (subject, count) => `${count} phân vùng của ${subject} đã dừng`,
    remedy:
      'Một sự kiện đang chắn đường. Hãy xem nó ở bên dưới. Triển khai phiên bản hiểu được nó, hoặc bỏ riêng sự kiện này; không mất gì khác.',
  },
  partition_unowned: {
    title: (subject, count) => `Không ai xử lý ${count} phân vùng của ${subject}`,
    remedy: 'Khởi động một tiến trình cho nó: chatvui consume và tên của nó. Nó chạy tiếp từ chỗ đã dừng.',
  },
  partition_retrying: {
    title: (subject) => `${subject} đang chờ và thử lại`,
    remedy: 'Thường là do một máy chủ tạm vắng. Khi máy chủ trở lại, mọi thứ tự chạy tiếp.',
  },
  projection_behind: {
    title: (subject) => `${subject} đang chậm`,
    remedy: 'Nếu con số không giảm, hãy khởi động thêm một tiến trình cho nó hoặc kiểm tra cơ sở dữ liệu.',
  },
  versions_differ: {
    title: (subject) => `Đang chạy nhiều phiên bản: ${subject}`,
    remedy: 'Bình thường khi đang nâng cấp. Thay các tiến trình đọc trước, tiến trình ghi sau.',
  },
  disk_low: {
    title: () => 'Ổ đĩa gần đầy',
    remedy: 'Hãy dọn chỗ nơi chứa DATA_DIR. Khi đầy thì không gửi được gì nữa.',
  },
};

export const operationsVi: typeof operationsEn = {
  title: 'Vận hành',
  allWorks: 'Mọi thứ đều hoạt động',
  someTrouble: (count) => `Có ${count} việc cần bạn`,
  asOf: (time) => `Lúc ${time}`,
  stale: 'Máy chủ không trả lời lần hỏi vừa rồi; đây là những gì đã biết trước đó.',
  problems,
  projections: 'Các bản chiếu',
  projectionsHint: 'Mỗi bản chiếu đọc nhật ký theo nhịp riêng. Độ trễ là số sự kiện chưa áp dụng.',
  lag: 'Độ trễ',
  rate: (rate) => `${rate}/giây`,
  lagOver: (name, now) => `Độ trễ của ${name} trong vài phút qua, hiện là ${now}`,
  partition: 'Phân vùng',
  position: 'Vị trí',
  owner: 'Tiến trình',
  state: 'Trạng thái',
  states: { running: 'đang chạy', retrying: 'đang chờ', stopped: 'đã dừng', nobody: 'không ai xử lý' },
  besideBegun: (percent, applied, end) =>
    `Một bản sao đang được dựng lại bên cạnh: ${percent}, ${applied} trên ${end} sự kiện`,
  besideOld: (command) => `Bản cũ từ lần dựng lại gần nhất được giữ đến khi chạy ${command}`,
  servers: 'Máy chủ',
  serverOk: (ms) => `${ms} ms`,
  serverAway: 'không trả lời',
  processes: 'Tiến trình',
  sockets: (count) => `${count} kết nối đang mở`,
  gateway: 'Cổng',
  silent: (ms) => `nghe nhật ký ${ms} ms trước`,
  since: (time) => `từ ${time}`,
  diskFree: (free, total) => `ổ đĩa còn trống ${free} trên ${total}`,
  versions: 'Phiên bản',
  product: 'ChatVui',
  eventTypes: (count) => `${count} loại sự kiện`,
  deadLetters: 'Sự kiện bị bỏ',
  deadLettersHint:
    'Những sự kiện không thay đổi gì: không được phép tại vị trí của nó (vô hiệu), hoặc có người đã bỏ.',
  noDeadLetters: 'Không có.',
  kinds: { all: 'Tất cả', void: 'Vô hiệu', skipped: 'Đã bỏ' },
  reasons: {
    not_a_member: 'lúc đó người viết không phải là thành viên',
    not_an_admin: 'lúc đó người viết không phải là quản trị viên',
    not_the_sender: 'người viết không phải là người gửi tin nhắn đó',
    not_allowed: 'người viết không được phép làm vậy',
    not_found: 'không còn thứ mà sự kiện nói đến',
    deleted: 'thứ mà sự kiện nói đến đã bị xoá',
    conflict: 'đã có thay đổi khác diễn ra trước',
  },
  show: 'Hiện',
  more: 'Xem thêm',
  inspect: 'Xem nội dung',
  skip: 'Bỏ sự kiện này',
  retry: 'Thử lại',
  append: 'Ghi lại',
  event: 'Sự kiện',
  eventNote: 'Có thể chứa tin nhắn. Việc bạn xem được ghi vào nhật ký máy chủ.',
  bytes: (count) => `${count} byte`,
  loggedAt: 'Vào nhật ký lúc',
  unreadable: 'Vì sao không đọc được',
  confirm: {
    skip: {
      title: 'Bỏ sự kiện này?',
      body: 'Nội dung của nó sẽ không bao giờ có trong bản chiếu này. Nó được giữ trong các sự kiện bị bỏ và có thể được ghi lại từ đó. Mọi thứ sau nó chạy tiếp.',
      go: 'Bỏ sự kiện',
    },
    append: {
      title: 'Ghi lại sự kiện này?',
      body: 'Sự kiện được nối vào nhật ký nguyên trạng và được xét lại ở vị trí mới: điều gì không được phép ở đó thì lại vô hiệu.',
      go: 'Ghi lại',
    },
  },
  cancel: 'Thôi',
  orders: {
    waiting: (kind) => `${kind}: đang chờ thực hiện`,
    done: (kind) => `${kind}: đã xong`,
    failed: (kind) => `${kind}: không thành công`,
  },
  by: (name) => `bởi ${name}`,
  terminal: 'dòng lệnh',
  ordered: 'Đã ra lệnh. Tiến trình giữ phân vùng sẽ thực hiện trong vài giây.',
  admins: 'Quản trị hệ thống',
  adminsHint: 'Họ xem được trang này. Họ không xem được những cuộc trò chuyện mà họ không tham gia.',
  grant: 'Thêm người',
  revoke: 'Gỡ',
  reallyRevoke: 'Gỡ thật chứ?',
  you: 'bạn',
};
