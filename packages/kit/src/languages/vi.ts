import type { Language } from './language.ts'

// Written without a native speaker: UNVERIFIED. Both spellings of the tone: hủy and huỷ, xóa and xoá.
const messages = '(?:tin nhắn|tin|sms|thông báo|nhắc nhở|text)'
const me = '(?:chúng tôi|tôi|em|mình|tui|cháu|số này|số điện thoại này|máy này)'
const us = `(?: (?:cho|đến|tới|với|vào))?(?: ${me})?`
const more = '(?: (?:nữa|đi|thêm|lại))*'
const stop = '(?:đừng(?: có)?|dừng|ngừng|ngưng|thôi|chấm dứt|stop)'
const not = '(?:không|ko|k|hong|hông|kg)'
const any = '(?: (?:bất kỳ|những|các|mọi))?'

/** Kinds that are also things take "tin nhắn". */
function kind(names: string, thing = false): string {
  const some = `(?: ${messages})${thing ? '' : '?'}(?: (?:về|cho|nhắc))?(?: sách)?`
  return `(?:${stop}|${not}(?: muốn)?|hủy|huỷ)(?: (?:gửi|nhắn|nhận))${us}${any}${some} (?:${names})${us}${more}|(?:${stop}|hủy|huỷ)${some} (?:${names})${more}`
}

export const vi: Language = {
  locale: 'vi',
  accents: true,
  stop: [
    ...[
      'dừng',
      'dừng lại',
      'ngừng',
      'ngừng lại',
      'ngưng',
      'ngưng lại',
      'hủy',
      'huỷ',
      'hủy bỏ',
      'huỷ bỏ',
      'từ chối',
      'chấm dứt',
    ],
    ...['hủy đăng ký', 'huỷ đăng ký', 'hủy đăng kí', 'huỷ đăng kí'],
  ],
  // "dung" is đúng (right), dùng (use) too, and Huy is a name.
  typed: ['huy dang ky', 'huy dang ki', 'ngung', 'ngung lai', 'tu choi', 'cham dut', 'huy bo'],
  start: ['bắt đầu', 'tiếp tục'],
  help: ['trợ giúp', 'giúp', 'giúp đỡ', 'tro giup', 'giup do'],
  courtesy: [
    'xin|lam on|vui long|xin vui long|nhe|nha|di|a|da|cam on|cam on nhieu|oi|thu vien oi|giup toi|giup em|giup minh|giup|dum|gium|xin loi',
  ],
  opening: ['(?:ban )?(?:nham|sai|lon) so(?: roi)?|gui nham(?: roi| nguoi)?'],
  asking: ['(?:toi|em|minh|tui) (?:muon|can)|muon|lam sao de|lam the nao de|co the|cho (?:toi|em)'],
  sentences: [
    `${stop} (?:nhắn tin|gửi ${messages}|nhận ${messages}|text|spam|liên lạc|làm phiền)${us}${more}`,
    `${stop} gửi${us} ${messages}${more}`,
    `${not}(?: được)? (?:nhắn tin|gửi ${messages}|nhận ${messages}|làm phiền)${us} nữa`,
    `(?:đừng(?: có)?|${not}) (?:nhắn|gửi)${us} nữa`,
    `(?:${me} )?${not}(?: còn)? (?:muốn|cần|thích)(?: (?:nhận được|được nhận|nhận|đọc))?${any} ${messages}(?: (?:này|từ thư viện))?${more}`,
    `(?:hủy|huỷ|ngừng|ngưng|dừng|tắt)(?: (?:đăng ký|đăng kí|việc|nhận|gửi|dịch vụ|các|những))* ${messages}${us}${more}`,
    '(?:hủy|huỷ) (?:đăng ký|đăng kí|nhận tin)',
    `(?:xóa|xoá|gỡ|bỏ|loại)(?: bỏ)? (?:số điện thoại|số dt|số|sđt|tên)(?: của)? ${me}(?: (?:khỏi|ra khỏi|trong) (?:danh sách|hệ thống|list))?`,
  ],
  narrowed: [
    [kind('quảng cáo|khuyến mãi|tiếp thị'), 'promotional'],
    [kind('tin tức'), 'news'],
    [kind('bản tin'), 'newsletter'],
    [kind('sự kiện', true), 'events'],
    [kind('khảo sát'), 'surveys'],
    [kind('quá hạn|trễ hạn', true), 'overdue'],
    [kind('đặt trước|giữ sách|đặt giữ', true), 'pickup'],
    [kind('(?:sắp )?(?:đến|tới) hạn', true), 'due'],
    [kind('tiền phạt|phí phạt', true), 'fines'],
  ],
  unless: [`(?:đừng|${not}) (?:ngừng|ngưng|dừng|hủy|huỷ)`, 'tiếp tục (?:gửi|nhắn)', 'cứ (?:gửi|nhắn)'],
}
