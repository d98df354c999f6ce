import type { Language } from './language.ts'

// Written without a native speaker: UNVERIFIED. Northern and southern words. Both spellings of a tone are one: hủy, huỷ.
export const vi: Language = {
  locale: 'vi',
  accents: true,
  stop: `
    dừng|dừng lại|ngừng|ngừng lại|ngưng|ngưng lại|hủy|huỷ|hủy bỏ|huỷ bỏ|từ chối|chấm dứt|hủy đăng ký|huỷ đăng ký
    hủy đăng kí|huỷ đăng kí
  `,
  // "dung" is đúng (right), dùng (use) too, and Huy is a name.
  typed: 'huy dang ky|huy dang ki|ngung|ngung lai|tu choi|cham dut|huy bo',
  plain: 'dừng|ngừng|ngưng|hủy đăng ký|huỷ đăng ký|chấm dứt',
  start: 'bắt đầu|tiếp tục',
  help: 'trợ giúp|giúp|giúp đỡ|tro giup|giup do',
  mistyped: {
    stop: 'hui dang ki|hui dang ky|huy dang ky|ngưg|ngug|huy dag ky',
    help: 'trợ giúo|tro giuo|tro gip|trợ gíup|tor giup|trợ giup|tro giúp|tro giupp|trợ giúpp',
  },
  please: `
      làm ơn|xin|vui lòng|đề nghị|đề nghị thư viện|yêu cầu|xin thư viện|giúp|giúp tôi|giúp em|giúp mình|dùm|giùm
      nhờ|nhờ thư viện|thưa
    `,
  courtesy: `
      nhé|nha|ạ|dạ|cảm ơn|cám ơn|cảm ơn nhiều|ơi|thư viện ơi|xin lỗi|chào|cái|luôn|ngay|đi|nghe chưa|nghe
    `,
  opening: 'tôi nói|đã nói',
  asking: `
      có thể|được không|được ko|cho em hỏi|cho tôi hỏi|cho mình hỏi|làm sao để|làm thế nào để|kiểu gì|cách nào
      làm cách nào
    `,
  words: {
    cease: `
      stop|ngừng|ngưng|dừng|chấm dứt|thôi gửi|thôi nhắn|dẹp|ngừng lại|dừng lại|ngưng lại|kết thúc|bớt|thôi đi
      ngưng giùm|ngừg|dừg|ngừn
    `,
    leave: `
      hủy đăng ký|hủy đăng kí|hủy nhận|từ chối nhận|rút khỏi|hủy theo dõi|bỏ đăng ký|bỏ theo dõi|hủy dịch vụ
      hủy đang ký|hủi đăng kí|hủi đăng ký|hủy đăg ký
    `,
    cancel: 'hủy|hủy bỏ|tắt|cắt|vô hiệu hóa|khóa|chặn',
    not: 'đừng|đừng có|khỏi|khỏi phải|cấm|đừng bao giờ|miễn|không được|ko được|k được|xin đừng|khoan',
    no: 'không|ko|k|hong|hông|kg|hổng|hok|hem|chẳng|chả|kh|không còn|kô|khg',
    unneeded: 'khỏi cần|đâu cần|không có nhu cầu|ko có nhu cầu|không cần thiết|không quan tâm|không hứng thú',
    write: 'nhắn|liên lạc|liên hệ|làm phiền|quấy rối|quấy rầy|spam|nhắc|báo|báo tin|phiền tôi|quấy',
    text: 'nhắn tin|text|báo tin nhắn',
    call: 'gọi|gọi điện',
    send: 'gửi|gởi|gữi|bắn|dùng số',
    want: 'muốn|cần|thích|mún|mong muốn|ham|mong',
    get: 'nhận|đọc|xem|thấy|nhận thêm',
    texts: `
      tin nhắn|tin|sms|thông báo|lời nhắc|nhắc nhở|tin rác|tin nhắn rác|tin báo|tin nhắn nhắc|dịch vụ tin nhắn|tn
    `,
    me: `
      tôi|em|mình|tui|cháu|bác|bà|ông|chúng tôi|con|anh|chị|cô|tao|tớ|đây|nhà mình|gia đình tôi|chú|dì|má tôi
      cho tôi|cho em|cho mình|cho tui
    `,
    number: `
      số này|số điện thoại này|số tôi|số của tôi|máy này|số điện thoại của tôi|số em|số của em|số điện thoại|sđt
      sdt|số mình|số của mình|tên tôi|tên em|tên mình|số dt|điện thoại này|sđt này|sdt này|số đt|tên của tôi
      số của tui|số tui
    `,
    drop: 'rút|loại|ra khỏi|loại bỏ|cho ra',
    dropMe: '',
    remove: 'xóa|gỡ|bỏ|xóa bỏ|gỡ bỏ',
    list: `
      danh sách|hệ thống|danh bạ|list|khỏi danh sách|khỏi hệ thống|danh sách nhận tin|danh sách nhắn tin
      danh sách gửi tin|cơ sở dữ liệu
    `,
    revoke: 'rút lại|phản đối|từ chối|thu hồi',
    consent: 'đồng ý|cho phép|chấp thuận|chấp nhận',
    more: 'nữa|thêm|hoài|lại|còn|nửa|bao giờ|tiếp|quài|từ nay|về sau|sau này|thêm nữa',
    it: 'gì|này|những|các|bất kỳ|bất cứ|mấy|mọi|tất cả|kiểu này|cái đó|chúng',
    alone: 'để tôi yên|để yên cho tôi|tha cho tôi|để em yên|cho tôi yên|đừng làm phiền',
    threat: `
      kiện|khiếu nại|báo công an|công an|luật sư|tố cáo|cục an toàn thông tin|báo cáo|tòa|thưa lên
    `,
    wrong: `
      gửi nhầm|sai người|nhầm số|lộn số|sai số|nhầm người|không phải|mất rồi|qua đời|chuyển đi|dọn đi|phiền quá
      phiền|nhắn hoài|mệt quá|dọn nhà|chuyển nhà
    `,
    things: `
      danh sách đăng ký|danh sách tham gia|sách|phòng|phòng học|thẻ|xe buýt|bus|nhạc|máy in|máy tính|chỗ|cuốn
      email|danh sách chờ|khỏi danh sách chờ|ra khỏi danh sách chờ|danh sách của em|danh sách sách|libby|túi|phim
      bãi xe|báo xuân|tìm báo|đọc báo|tờ báo|xem báo|trạm|la hét|hoạt động|cho mượn|phạt|lịch hẹn|vé|tài khoản
      giữ cuốn|máy lạnh|đèn|loa|wifi|hẹn|địa chỉ|ghi danh
    `,
    asked: `
        sao|tại sao|vì sao|nếu|khi nào|chừng nào|hồi nào|ai|có phải|đâu có|lỡ|nghe nói|nhờ nói|nói họ|nhờ ai|mấy bé|họ
        dạo này|không hiểu|đã hủy|thấy ghi|nói mấy|bảo họ|vô tình|bao lâu|mấy giờ
      `,
    limits: `
      khi|trước|trước khi|sau|sau khi|ban đêm|buổi tối|buổi sáng|giờ sáng|lúc|tạm thời|rồi có|rồi thì|trong giờ
      giữa đêm|nửa đêm|tạm
    `,
    told: `
      không nhận được|ko nhận được|không thấy|chưa nhận|đã nhận|không gửi được|không nhắn được|không ngừng được
      có nhận|chưa thấy|không có tin|không mở được
    `,
    you: '',
    others: 'bé|con tôi|cháu tôi|người ta|trẻ con',
    i: '',
    miss: 'bỏ lỡ|quên|lỡ mất|bỏ sót|mất',
    keep: `
      tiếp tục gửi|tiếp tục nhắn|tiếp tục nhắc|cứ gửi|cứ nhắn|cứ nhắc|cứ tiếp tục|mở lại|bật lại
    `,
    but: 'vì|tại|còn lại|nên|vậy nên|chỉ|trừ|do|thì|cho hỏi|với lại|bởi vì|không thì|nếu không',
    and: 'và|với',
    question: 'hả|chưa|chăng',
    of: '',
    yet: 'nhưng|nhưng mà|mà|thôi không',
    meant: 'tính|định',
    reported: 'nhắn stop|nhắn huy|gửi stop|nhắn hủy|bấm hủy|nhắn dừng|tin stop',
    dontStop: `
      không ngừng|không dừng|không hủy|đừng tắt|không muốn ngừng|không muốn hủy|không có muốn hủy
      không có muốn ngừng|đừng xóa số|đâu có hủy
    `,
    still: `
      ba lần|3 lần|vẫn gửi|vẫn nhắn|sao còn nhắn|sao vẫn|vẫn còn nhắn|hai lần|2 lần|vẫn còn gửi|mà còn gửi
    `,
    groups: 'lớp|buổi|khóa học|lớp vẽ|buổi đọc|danh sách tham dự|danh sách lớp|tham dự',
    little: `
        cho|đến|tới|vào|về|từ|của|thư viện|việc|nhận tin của|được|qua|bằng|thôi|là|ở|ra|các cháu|nó|mấy cô|cháu ơi|quá
        trời|để|đâu|đã|rồi|theo|sự|số|bạn|hết|hẳn|cần thiết|lên
      `,
  },
  kinds: [
    ['promotional', 'messages', 'quảng cáo|khuyến mãi|tiếp thị|tin quảng cáo|khuyến mại'],
    ['newsletter', 'messages', 'bản tin'],
    ['news', 'messages', 'tin tức'],
    ['events', 'news', 'sự kiện|chương trình|hoạt động thư viện'],
    ['surveys', 'messages', 'khảo sát|bản khảo sát|thăm dò'],
    ['overdue', 'named', 'quá hạn|trễ hạn'],
    ['overdue', 'things', 'sách quá hạn|sách trễ hạn|sách trễ'],
    ['pickup', 'named', 'đặt trước|đặt giữ'],
    ['pickup', 'things', 'sách đặt|sách giữ|sách đặt trước|giữ sách|sách đặt về|đặt sách|sách đặt trước về|sách về'],
    ['due', 'named', 'đến hạn|tới hạn'],
    ['due', 'things', 'sắp đến hạn|sắp tới hạn|trả sách|hạn trả|ngày trả|sắp hết hạn|hết hạn'],
    ['fines', 'named', 'tiền phạt|phí phạt'],
    ['fines', 'things', 'phạt tiền|phí trễ hạn'],
  ],
}
