import type { Language } from './language.ts'

// Written without a native speaker: UNVERIFIED.
const messages =
  '(?:mensajes?(?: de texto)?|mensajitos?|msjs?|textos?|sms|msgs?|avisos?|notificaciones|alertas?|recordatorios?)'
const fill =
  '(?: (?:me|mas|los|las|el|la|de|estos|estas|esos|esas|su|sus|tus|mis|todos|todas|recibir|recibiendo|que|manden|ningun|ninguna|ningunos))*'
const send =
  '(?:manden?|mandes|envien?|envies|escriban?|escribas|texteen?|textees|contacten?|contactes|molesten?|molestes|avisen?|notifiquen?|spameen)'
const sending = '(?:mandar|enviar|escribir|textear|contactar|molestar|avisar|notificar|spamear)(?:me|nos)?'
const take = '(?:quiten|quite|saquen|saque|borren|borre|eliminen|elimine|remuevan|remueva|quitar|sacar|borrar)'
const refused = `(?:no (?:(?:me|nos) )?(?:${send}|quiero|deseo|necesito)|(?:dejen?|paren?) de ${sending}|no mas|stop|alto a|basta de)`

/** Kinds that patrons hear of by messages only. */
function kind(names: string): string {
  return `(?:${refused}|baja)${fill}(?: ${messages})?(?: (?:de|sobre|por|para))?${fill} (?:${names})(?: mas)?`
}
/** Kinds that are also things: these take "avisos de". */
function thing(names: string): string {
  return `(?:${refused}|cancelar|cancelen?|paren|baja)${fill} ${messages} (?:de|sobre|por)${fill} (?:(?:libros|materiales|items) )?(?:${names})(?: mas)?`
}

export const es: Language = {
  locale: 'es',
  stop: [
    ...[
      'alto',
      'pare',
      'parar',
      'paren',
      'baja',
      'cancelar',
      'detener',
      'detengan',
      'fin',
      'terminar',
      'salir',
      'basta',
    ],
    ...['desuscribir', 'desuscribirme', 'eliminar', 'no mas', 'de baja'],
  ],
  local: ['para'], // "para" is "for" too
  start: ['iniciar', 'empezar', 'comenzar', 'inicio'],
  help: ['ayuda'],
  courtesy: [
    'por favor|porfavor|porfa|porfis|plis|xfa|xfavor|gracias|muchas gracias|mil gracias|hola|buenas|buenos dias|buenas tardes',
    'ya|ahora|disculpe|disculpen|perdon|oigan',
  ],
  opening: [
    '(?:(?:es|tienen|tiene) )?(?:el |un )?numero equivocado|(?:se equivocaron|se equivoco|estan equivocados)(?: de numero)?',
    'no me interesa|no soy \\S+|esa no soy yo|ese no soy yo',
  ],
  closing: ['nunca|nunca mas|mas|a este numero|jamas|para nada'],
  asking: [
    'quiero|quisiera|deseo|me gustaria|necesito|pueden|puede|podrian|podria|como(?: (?:puedo|hago para|le hago para))?|favor de|les pido que|que',
  ],
  sentences: [
    `no (?:(?:me|nos|le|les) )?(?:vuelvan a )?${send}(?: (?:mas|nada|nunca))*(?:${fill} ${messages})?`,
    `(?:dejen?|dejes|paren?|basta|dejar|parar) (?:ya )?de (?:estar )?(?:${sending}|molestando(?:me)?|mandando(?:me)?|texteando(?:me)?)(?:${fill} ${messages})?`,
    `no (?:quiero|deseo|necesito|queremos|quisiera)${fill} ${messages}`,
    `(?:no mas|alto a|basta de|stop|stop a|cancelar|cancelen?|cancela|detener|detengan?|parar|paren?|pare|quitar|quiten|desactivar|desactiven)${fill} ${messages}`,
    `${take}(?:me|nos)(?: de${fill} (?:listas?|sistema|base de datos|aqui|ahi))?`,
    `${take} (?:mi|este) (?:numero|telefono|celular|cel)(?: (?:de|del).{0,20} (?:listas?|sistema|base de datos|aqui|ahi))?`,
    '(?:dar(?:me|se|nos)?|deme|denme) de baja(?: de (?:todo|los mensajes|la lista|esto))?',
    '(?:desuscrib(?:ir|irme|anme|ame)|desinscribir(?:me)?)|(?:cancelar|anular|cancelen) (?:la |mi )?suscripcion',
    `(?:dejar|dejo|deje) de recibir${fill} ${messages}`,
    'dejen?me en paz|no molestar|no molesten',
  ],
  narrowed: [
    [kind('publicidad|anuncios?|promociones|ofertas|propaganda|marketing|comerciales'), 'promotional'],
    [kind('noticias'), 'news'],
    [kind('boletin|boletines'), 'newsletter'],
    [kind('eventos?|actividades|programas'), 'events'],
    [kind('encuestas?'), 'surveys'],
    [thing('vencidos?|atrasados?|retrasos?|retrasados?|morosos?'), 'overdue'],
    [thing('reservas?|reservados?|apartados?|recoger'), 'pickup'],
    [thing('vencimientos?|fechas? de (?:entrega|devolucion|vencimiento)|por vencer'), 'due'],
    [thing('multas?|cargos|cobros'), 'fines'],
  ],
  unless: [
    'no (?:dejen?|paren?|cancelen?|detengan?) (?:de|los|las|mis)',
    '(?:sigan?|continuen?) (?:mandando|enviando|avisando)(?:me)?',
  ],
}
