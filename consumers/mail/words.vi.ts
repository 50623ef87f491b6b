// What mails say, in Vietnamese.
import type { Words } from './words.en.ts';

export const vi: Words = {
  hello: (name) => `Chào ${name},`,
  why: 'ChatVui gửi thư này vì đây là địa chỉ của tài khoản bạn.',
  ignore: 'Nếu không phải bạn, hãy bỏ qua thư này: sẽ không có thư nào khác được gửi tới đây.',

  verify: {
    subject: 'Xác nhận địa chỉ e-mail của bạn',
    preview: 'Chỉ một lần bấm, thư về tài khoản sẽ đến được với bạn.',
    text: 'Địa chỉ này được nhập cho một tài khoản ChatVui. Hãy xác nhận đây là địa chỉ của bạn: khi đó bạn có thể đặt lại mật khẩu nếu quên, và được báo về những tin nhắn bạn đã bỏ lỡ.',
    button: 'Xác nhận địa chỉ này',
    after: 'Liên kết có hiệu lực trong ba ngày.',
  },
  reset: {
    subject: 'Đặt mật khẩu mới',
    preview: 'Liên kết dùng được một lần, trong một giờ.',
    text: (name) => `Có yêu cầu đặt mật khẩu mới cho tài khoản ${name}.`,
    button: 'Đặt mật khẩu mới',
    after: 'Liên kết dùng được một lần, trong một giờ. Khi có mật khẩu mới, mọi thiết bị sẽ bị đăng xuất.',
    ignore: 'Nếu không phải bạn, không cần làm gì: mật khẩu của bạn vẫn như cũ.',
  },
  passwordChanged: {
    subject: 'Mật khẩu của bạn đã được đổi',
    preview: 'Mọi thiết bị khác đã bị đăng xuất.',
    text: (name, time) => `Mật khẩu của tài khoản ${name} đã được đổi vào ${time}.`,
    notYou: 'Nếu không phải bạn, hãy đặt mật khẩu mới ngay: mọi thiết bị sẽ bị đăng xuất.',
    button: 'Đặt mật khẩu mới',
  },
  newDevice: {
    subject: 'Một thiết bị mới đã đăng nhập vào tài khoản của bạn',
    preview: 'Nếu không phải của bạn, hãy đăng xuất thiết bị đó.',
    text: (name) => `Có người đã đăng nhập vào tài khoản ${name} của bạn từ một thiết bị chưa từng thấy.`,
    device: 'Thiết bị',
    time: 'Thời gian',
    notYou: 'Nếu không phải bạn, hãy đăng xuất thiết bị đó và đổi mật khẩu.',
    button: 'Xem các thiết bị',
  },
  addressChanged: {
    subject: 'Địa chỉ e-mail của tài khoản đã được đổi',
    preview: 'Từ nay thư sẽ được gửi tới địa chỉ khác.',
    text: (name, time) =>
      `Địa chỉ e-mail của tài khoản ${name} đã được đổi vào ${time}. Sẽ không có thư nào khác được gửi tới địa chỉ này.`,
    now: 'Địa chỉ mới',
    none: 'không có',
    notYou:
      'Nếu không phải bạn, hãy đăng nhập, đổi mật khẩu và địa chỉ e-mail, rồi đăng xuất các thiết bị khác.',
    button: 'Mở cài đặt',
  },
  test: {
    subject: 'Thư thử',
    preview: 'Thư đến được với bạn.',
    text: 'Bạn đã yêu cầu thư này để xem thư có đến được với bạn không. Thư đã đến.',
    button: 'Mở ChatVui',
  },
  missed: {
    subject: 'Bạn có tin nhắn chưa đọc',
    subjectFrom: (name) => `Tin nhắn mới từ ${name}`,
    subjectIn: (name) => `Tin nhắn mới trong ${name}`,
    preview: 'Mở ChatVui để đọc.',
    direct: (count) => `${count} tin nhắn chưa đọc gửi cho bạn`,
    group: (count) => `${count} tin nhắn chưa đọc trong một nhóm`,
    mentions: (count) => `Bạn được nhắc đến ${count} lần.`,
    reactions: (count) => `${count} cảm xúc mới cho tin nhắn của bạn`,
    more: (count) => `và ${count} tin nhắn nữa`,
    file: 'đã gửi một tệp',
    button: 'Đọc và trả lời',
  },
  digest: {
    subject: (count) => `${count} tin nhắn chưa đọc`,
    title: 'Những gì bạn chưa đọc',
    preview: 'Tóm tắt trong ngày của bạn.',
    unread: (count) => `${count} chưa đọc`,
    mentions: (count) => `${count} lượt nhắc`,
    more: (count) => `và ${count} cuộc trò chuyện nữa`,
    button: 'Mở ChatVui',
  },
  unnamedGroup: 'Một nhóm',
  somebody: 'Ai đó',
  settings: 'Bạn có thể chọn nhận thư gì và khi nào trong phần cài đặt.',
  settingsLink: 'Đổi cài đặt',
  unsubscribe: {
    missed: 'Không nhận thư về tin nhắn bỏ lỡ nữa',
    digest: 'Không nhận thư tóm tắt hằng ngày nữa',
  },
};
