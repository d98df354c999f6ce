import type { Row } from './table.ts'

/** The keywords that libraries' texting services have in common, to take as they are, or apart. */
export const standard: readonly Row[] = [
  {
    word: 'RENEW',
    also: [
      ...['renew my books', 'renew my items', 'renew my loans'],
      ...['renovar', 'renueva', 'renovación', 'renovar mis libros'],
      ...['renouveler', 'prolonger', 'renouvellement', 'prolongation'],
      ...['verlängern', 'verlaengern', 'verlängerung', 'bücher verlängern'],
      ...['续借', '續借', '续接', '續接'], // 接 is of the same sound
      'gia hạn',
    ],
    takes: 'items',
    account: true,
  },
  {
    word: 'MYHOLDS',
    also: [
      ...['my hold', 'holds', 'my reserves', 'my requests'],
      ...['mis reservas', 'mis apartados'],
      ...['mes réservations', 'réservations'],
      ...['meine vormerkungen', 'vormerkungen', 'meine reservierungen', 'meine vorbestellungen'],
      ...['我的预约', '我的預約', '预约查询', '預約查詢'],
      ...['sách đặt trước', 'sách tôi đặt', 'sách giữ'],
    ],
    account: true,
  },
  {
    word: 'MYITEMS',
    also: [
      ...['my item', 'my books', 'my loans', 'my checkouts'],
      ...['mis libros', 'mis préstamos', 'préstamos'],
      ...['mes prêts', 'mes emprunts', 'mes livres', 'mes documents'],
      ...['meine ausleihen', 'meine bücher', 'meine medien', 'ausleihen'],
      ...['我的借阅', '我的借閱', '我的借书', '我的借書', '借阅查询', '借閱查詢'],
      ...['sách đang mượn', 'sách tôi mượn', 'sách của tôi'],
    ],
    account: true,
  },
  {
    word: 'FINES',
    also: [
      ...['my fines', 'my fees', 'balance'],
      ...['multas', 'mis multas'],
      ...['frais', 'mes frais', 'amendes', 'mes amendes'],
      ...['gebühren', 'gebuehren', 'meine gebühren', 'mahngebühren'],
      ...['罚款', '罰款', '我的罚款', '我的罰款'],
      'tiền phạt',
    ],
    account: true,
  },
  {
    word: 'HOURS',
    also: [
      ...['hour', 'library hours', 'open hours', 'opening hours'],
      ...['horario', 'horarios', 'horas', 'horario de apertura'],
      ...['heures', 'horaire', 'horaires', 'heures d’ouverture', 'horaires d’ouverture'],
      ...['öffnungszeiten', 'oeffnungszeiten'],
      ...['开放时间', '開放時間', '开馆时间', '開館時間'],
      ...['giờ mở cửa', 'giờ làm việc'],
    ],
  },
  { word: 'JOIN', takes: 'purpose' },
  { word: 'LEAVE', takes: 'purpose' },
]
