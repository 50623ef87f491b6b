// Words of the pages that mails lead to, and about one's address, in Vietnamese.
import type { MailText } from './text.mail.en.ts';

export const mailVi: MailText = {
  forgot: {
    title: 'Mật khẩu mới',
    hint: 'Nhập tên hoặc địa chỉ e-mail của tài khoản. Nếu có tài khoản như vậy với địa chỉ đã xác nhận, chúng tôi sẽ gửi một liên kết tới đó.',
    who: 'Tên hoặc địa chỉ e-mail',
    send: 'Gửi liên kết',
    sent: 'Nếu có tài khoản như vậy, thư đang được gửi đi. Liên kết trong thư dùng được một lần, trong một giờ.',
    noMail:
      'Không thấy thư? Hãy xem trong mục thư rác. Không có địa chỉ đã xác nhận thì không ai gửi được liên kết cho bạn: hãy hỏi người quản lý hệ thống này.',
  },
  reset: {
    title: 'Chọn mật khẩu mới',
    hint: 'Mọi thiết bị sẽ bị đăng xuất, kể cả thiết bị này.',
    password: 'Mật khẩu mới',
    save: 'Đặt mật khẩu',
    done: 'Từ nay đây là mật khẩu của bạn. Hãy đăng nhập bằng mật khẩu này.',
  },
  confirm: {
    title: 'Xác nhận địa chỉ của bạn',
    hint: 'Khi đó thư về tài khoản và về những gì bạn bỏ lỡ sẽ đến được với bạn.',
    yes: 'Đây là địa chỉ của tôi',
    done: 'Địa chỉ đã được xác nhận.',
  },
  unsubscribe: {
    title: 'Không nhận những thư này nữa?',
    hint: 'Bạn có thể bật lại bất cứ lúc nào trong phần cài đặt.',
    yes: 'Đừng gửi nữa',
    done: {
      missed: 'Bạn sẽ không nhận thư về tin nhắn bỏ lỡ nữa.',
      digest: 'Bạn sẽ không nhận thư tóm tắt hằng ngày nữa.',
    },
  },
  deadLink: 'Liên kết này không còn dùng được: đã được dùng, đã quá hạn, hoặc địa chỉ đã được thay.',
  askAgain: 'Yêu cầu liên kết mới',
  toChat: 'Vào ChatVui',
  toSignIn: 'Trở lại đăng nhập',

  status: {
    unconfirmed: 'Chưa được xác nhận. Hãy mở liên kết trong thư chúng tôi đã gửi tới đó.',
    confirmed: 'Đã xác nhận.',
    bounced:
      'Thư gửi tới địa chỉ này bị trả lại nên không có gì được gửi tới đó nữa. Hãy xác nhận lại, hoặc nhập địa chỉ khác.',
  },
  sendAgain: 'Gửi lại thư',
  sentAgain: 'Thư đang được gửi đi. Hãy mở liên kết trong thư.',
};
