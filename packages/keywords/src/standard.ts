import type { Row } from './table.ts'

/** The keywords that libraries' texting services have in common, to take as they are, or apart. */
export const standard: readonly Row[] = [
  {
    word: 'RENEW',
    also: [
      'renew my books',
      'renew my items',
      'renovar',
      'renueva',
      'renouveler',
      'prolonger',
      'verlängern',
      'verlaengern',
      '续借',
      '續借',
      'gia hạn',
    ],
    takes: 'items',
    account: true,
  },
  {
    word: 'MYHOLDS',
    also: ['my hold', 'holds', 'mis reservas', 'mes réservations', 'meine vormerkungen', '我的预约', '我的預約'],
    account: true,
  },
  {
    word: 'MYITEMS',
    also: ['my item', 'my books', 'my loans', 'mis libros', 'mes prêts', 'meine ausleihen', '我的借阅', '我的借閱'],
    account: true,
  },
  {
    word: 'FINES',
    also: ['my fines', 'multas', 'frais', 'gebühren', 'gebuehren', '罚款', '罰款', 'tiền phạt'],
    account: true,
  },
  {
    word: 'HOURS',
    also: [
      'hour',
      'library hours',
      'open hours',
      'opening hours',
      'horario',
      'horarios',
      'horas',
      'heures',
      'horaire',
      'heures d’ouverture',
      'öffnungszeiten',
      'oeffnungszeiten',
      '开放时间',
      '開放時間',
      'giờ mở cửa',
    ],
  },
  { word: 'JOIN', takes: 'purpose' },
  { word: 'LEAVE', takes: 'purpose' },
]
