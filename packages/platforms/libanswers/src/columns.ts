import type { Names } from '@prm/kit-pages'

/** What a column or field of a question can be. */
export type Role =
  | 'id'
  | 'at'
  | 'time'
  | 'question'
  | 'details'
  | 'answer'
  | 'transcript'
  | 'answerer'
  | 'duration'
  | 'answered'
  | 'closed'
  | 'status'
  | 'read'
  | 'class'
  | 'medium'
  | 'queue'
  | 'tags'
  | 'page'
  | 'email'
  | 'ticket'
  | 'chat'
  | 'name'
  | 'network'
  | 'browser'
  | 'note'
  | 'staffEmail'

/**
 * What columns and fields are called: as two libraries' scripts name those of transactions and chats, and else our guess at
 * the three languages (UNVERIFIED).
 */
export const names: Names<Role> = {
  id: [
    'chat id',
    'ticket id',
    'transaction id',
    'id',
    'ticket #',
    'id del chat',
    'id de chat',
    'id du clavardage',
    'id du billet',
    'numero',
  ],
  at: [
    'timestamp',
    'started',
    'created',
    'submitted',
    'asked on',
    'date asked',
    'date time',
    'date',
    'marca de tiempo',
    'fecha y hora',
    'fecha',
    'creado',
    'horodatage',
    'date et heure',
    'cree le',
  ],
  time: ['time', 'hora', 'heure'],
  question: ['initial question', 'question', 'pregunta inicial', 'pregunta', 'question initiale'],
  details: ['details', 'question details', 'detalles', 'precisions'],
  answer: ['answer', 'respuesta', 'reponse'],
  transcript: ['transcript', 'transcripcion', 'transcription'],
  answerer: [
    'answerer',
    'operator',
    'claimed by',
    'owner',
    'entered by',
    'answered by',
    'respondido por',
    'introducido por',
    'repondant',
    'repondu par',
    'saisi par',
  ],
  duration: ['duration', 'duracion', 'duree'],
  answered: ['first response', 'first reply', 'answered', 'primera respuesta', 'premiere reponse'],
  closed: ['closed', 'date closed', 'cerrado', 'ferme le'],
  status: ['status', 'estado', 'statut'],
  read: ['read', 'read scale', 'read level', 'escala read', 'echelle read'],
  class: ['question type', 'type of question', 'transaction type', 'type', 'tipo de pregunta', 'type de question'],
  medium: ['mode', 'contact method', 'how asked', 'source', 'modo', 'metodo de contacto', 'mode de contact'],
  queue: ['department', 'queue', 'departamento', 'cola', 'departement', 'file'],
  tags: ['tags', 'etiquetas', 'etiquettes', 'mots cles'],
  page: ['referrer', 'referer', 'source url', 'launched from', 'page', 'page url', 'pagina', 'url'],
  email: ['email', 'patron email', 'contact email', 'correo electronico', 'courriel'],
  ticket: ['ticket #', 'ticket number', 'ticket'],
  chat: ['chat #', 'chat number'],
  // Known, and left out.
  name: ['name', 'patron name', 'contact', 'contact name', 'nombre', 'nom'],
  network: ['ip', 'ip address', 'direccion ip', 'adresse ip'],
  browser: ['user agent', 'browser', 'navegador', 'navigateur'],
  note: ['internal note', 'internal notes', 'nota interna', 'note interne'],
  staffEmail: ['email address', 'staff email'],
}
export const leftOut: ReadonlySet<Role> = new Set<Role>(['name', 'network', 'browser', 'note', 'staffEmail'])
