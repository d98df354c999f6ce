import type { Language } from './language.ts'

// Written without a native speaker: UNVERIFIED.
export const es: Language = {
  locale: 'es',
  stop: `
    alto|pare|parar|paren|baja|cancelar|detener|detengan|fin|terminar|salir|basta|desuscribir|desuscribirme
    eliminar|no mas|de baja
  `,
  local: 'para', // "para" is "for" too
  plain: 'alto|paren|baja|basta|de baja|desuscribir|desuscribirme|detengan',
  start: 'iniciar|empezar|comenzar|inicio',
  help: 'ayuda',
  mistyped: { stop: 'desuscribrime|desuscrivirme|vaja', help: 'ayda|auyda|ayuad|alluda|ayudaa|ayua|auda' },
  please: `
      por favor|porfavor|porfa|porfis|plis|xfa|x fa|xfavor|x favor|favor de|favor|les pido|le pido|os pido
      se los pido|les ruego|le ruego|pido|ruego|solicito|haced el favor de|hagan el favor de|haganme el favor de
      les agradeceria|le agradeceria|agradeceria|por el amor de dios
    `,
  courtesy: `
      gracias|muchas gracias|mil gracias|hola|buenas|buenos dias|buenas tardes|buenas noches|ya|ahora|disculpe
      disculpen|perdon|oigan|oiga|che|saludos|un saludo|hoy mismo|inmediatamente|de una vez|de inmediato
      de una buena vez
    `,
  opening: 'les dije que|ya les dije|ya les dije que|ya dije que',
  asking: `
      pueden|puede|podeis|podrian|podria|podrias|puedes|podes|puedo|podran|podriais|se puede|seria posible
      seria posible que|es posible|como hago|como hago para|como le hago para|como le hago|como me|como se|como
      que hago para|que tengo que hacer para|me gustaria|hay forma de|hay manera de|me podran|me podras|me pueden
      me podrian|me puede|me podria|ok|vale|exijo que|exijo
    `,
  words: {
    cease: `
      stop|no stop|deje de|dejen de|deja de|dejes de|dejad de|dejar de|dejarme de|dejenme de|dejame de|dejen ya de
      deja ya de|paren de|pare de|para de|parad de|parar de|paren ya de|parenle|parale|paren|pare|parad|basta
      basta de|basta ya de|alto|cese|cesen|cesar|cesad|detengan|detener|detenga|suspendan|suspender|suspenda
      terminen|acaben con|fin a|no mas|nomas de|ni un|ni una|ya estuvo|ya estuvo bueno|interrumpan|corten con
      cortenla|cortala|corta con|interrumpir|abstenganse de|abstengase de|absteneos de|eviten|evite|evitar
      hart* de|cansad* de|se acabo|dejen|para ya de|termine de
    `,
    leave: `
      darme de baja|dar de baja|dame de baja|denme de baja|deme de baja|doy de baja|me doy de baja|la baja|baja de
      baja del|dadme de baja|dar me de baja|darnos de baja|de vaja|darme de vaja|desuscrib*|desinscrib*|desapunt*
      desafili*|desuscripcion|salirme|salirme de|dese de baja|causar baja|de baja|den de baja|des de baja
      deis de baja|me salgo
    `,
    cancel: `
        cancelo|desactivo|cancelar|cancelen|cancele|cancela|cancelame|cancelenme|cancelad|anular|anulen|anule|anula
        anulad|desactiv*|apaguen|apague|apagar|bloqueen|bloquear
      `,
    not: 'no|nunca|jamas|tampoco|no sigan|no siga|no sigas|no continuen|sin',
    unneeded: 'no gracias',
    write: `
      escriban|escriba|escribas|escribais|escribir|escribirme|escribirnos|escribirle|escribiendo|escribiendome
      escribieran|escribiesen|escribieras|texteen|textees|textear|textearme|texteando|texteandome|contacten
      contacte|contactes|contactar|contactarme|contacteis|contactaran|contactado|contactada|contactarnos|molesten
      moleste|molestes|molestar|molestarme|molestando|molestandome|molesteis|avisen|avise|avises|aviseis|avisar
      avisarme|avisarnos|avisando|avisandome|notifiquen|notificar|notificarme|notifique|notificarnos|spamear
      spamearme|spameen|acosar|acosarme|acosen|acosandome|comuniquen|comunicarse|comunicarse conmigo|fastidien
      fastidiar|fastidiarme|jodan|joder|hinchen|hinchar|recuerden|recordarme|recordar|bombardear*|bombardeen
      mensajeen|mensajear*|dar la lata|contacto|fregar|frieguen|friegan|anuncien|anunciar|anunciarme
    `,
    call: 'llamen|llamar|llamarme|llames|llame|llamando',
    send: `
      llegue|manden|mande|mandes|mandeis|mandar|mandarme|mandarnos|mandando|mandandome|mandarlo|mandarlos|mandarlas
      mandarle|mandaran|mandasen|mandenme|envien|envie|envies|envieis|enviar|enviarme|enviarnos|enviarlo|enviarlos
      enviarlas|enviando|enviandome|enviasen|enviaran|envienme|mandarmelos|remitir|remitan|remitirme|lleguen
      llegarme|llegar|hagan llegar|usen|utilicen|utilizar|envio|envios|pongan|reenvien
    `,
    want: `
      quiero|quisiera|deseo|deseamos|queremos|necesito|necesitamos|interesa|interesan|me interesa|me interesan|kiero
      qiero|quero|acepto|requiero|hace falta|hacen falta|es necesario|querria|quieren|interesado|interesada|apetece
      gusta|gustan
    `,
    get: `
      recibir|resivir|recivir|resibir|recibiendo|recibirlos|recibirlas|tener|ver|reciba|seguir recibiendo|saber
      saber nada
    `,
    texts: `
      sms|mensaje|mensajes|mensajito|mensajitos|msj|msjs|msg|msgs|mjs|mensajes de texto|mensaje de texto|texto
      textos|aviso|avisos|notificacion|notificaciones|alerta|alertas|recordatorio|recordatorios|comunicaciones
      comunicacion|mensajeria|wasap|whatsapp|whatsapps|esemeses|mensages|mensage|mesajes|mensaj
    `,
    me: 'me|nos|a mi|aqui|conmigo|aca|mi esposo|mi esposa',
    number: `
        mi numero|este numero|el numero|su numero|mi telefono|este telefono|mi celular|este celular|mi cel|este cel
        mi movil|este movil|mi nombre|este medio|esta linea|mi linea|mis datos|mi num|mi nro|este nro|este num
        mi contacto|ese numero|mi fono|numero de telefono|mi numero de telefono|mi numero de celular
      `,
    drop: 'saquen|saque|sacar|saca|sacad|saqueis|retiren|retirar|retire',
    dropMe: `
        quitenme|quiteme|quitarme|quitame|quitadme|saquenme|saqueme|sacarme|sacame|sacadme|borrenme|borreme|borrarme
        borrame|borradme|eliminenme|elimineme|eliminarme|eliminame|remuevanme|retirenme|retireme|me sacan|me quitan
        me borran|me sacas|quitarnos|sacarnos|saquennos|quitennos|me saquen|me quiten|me borren|me eliminen|me saque
        me quite|me borre
      `,
    remove: `
      quiten|quite|quitar|quita|quitad|borren|borre|borrar|borra|borrad|eliminen|elimine|eliminar|elimina|eliminad
      remuevan|remueva|remover|quitenlo|borrenlo|eliminenlo|saquenlo|retirenlo|quitelo|borrelo
    `,
    list: `
      de ahi|de aqui|de alli|lista|listas|sistema|base de datos|base|registro|registros|agenda|contactos
      lista de mensajes|suscripcion|lista de sms|lista de contactos|lista de envio|lista de distribucion
      servicio de mensajes|servicio de sms|sus envios
    `,
    revoke: `
        revoco|retiro|revocar|me opongo|opongo|oponerme|anulo|rechazo|ejerzo mi derecho|revoque|retirar mi|desautorizo
        prohibo|niego
      `,
    consent: `
        consentimiento|autorizacion|permiso|autorizo|consiento|doy permiso|di permiso|autorice|autorizado
        he autorizado|consenti
      `,
    more: `
      mas|nunca mas|otra vez|de nuevo|volvieran a|vuelva a|vuelvas a|volvais a|vuelvan|otro|otra|seguir|ninguno
      ninguna|ningun
    `,
    it: 'eso|esto|estos|estas|esos|esas|lo|los|las|todo|todos|todas|cosas|ese|aquello|todo esto|todo eso',
    anything: 'nada|nada de nada|nada de ustedes|nada de esto|nada de eso|nada de la biblioteca',
    alone: `
        dejenme en paz|dejame en paz|dejeme en paz|dejadme en paz|no molestar|dejen en paz|dejen de joder
        dejense de joder|olvidense de mi|bloqueenme|no moleste|no molesten|no me molesten|dejennos en paz
      `,
    threat: `
        denuncio|denuncia|denunciar|denunciare|los denuncio|demanda|demandar|demando|demandare|abogado|abogada|profeco
        aepd|policia|queja|quejo|quejarme|reclamacion|acciones legales|consumidor|ftc|fcc|reporto|los reporto|facua
      `,
    wrong: `
      numero equivocado|el numero equivocado|es numero equivocado|tienen el numero equivocado
      tiene el numero equivocado|se equivocaron|se equivocaron de numero|se equivoco|se equivoco de numero
      estan equivocados|no soy yo|esa no soy yo|ese no soy yo|nro equivocado|num equivocado|equivocado|equivocados
      no soy|no es el telefono de|fallecio|murio|fallecido|me mude|nos mudamos|no vivo|ni soy socio|no soy socio
      pesados|que pesados|persona equivocada|me cambie|ya no vivo|se murio|jamas me inscribi|nunca me inscribi
      no conozco|ya no es de|ya no es el numero|no es de|ya no es el
    `,
    things: `
      lista para|lista del|sala|salon|libro|libros|tarjeta|carnet|carne|credencial|cuenta|cita|inscripcion|musica
      alarma|ruido|parada|camion|bus|colectivo|impresora|pelicula|dvd|revista|libby|correo|correos|email|emails
      mail|mails|stop motion|lista de espera|lista de deseos|mi lista|lista de lectura|planta baja|cuento
      textos escolares|libro de texto|libros de texto|computadora|ordenador|compu|internet|volumen|fin de semana
      alto adige|bano|fumar|cole|leer|hablar|llorar|gotear|prestamo|prestamos|renovacion|sesion
      reservacion de sala|aire|agua|luz|membresia|llave|turno|paquete|sucursal|el apartado|wifi|mi ex|direccion
      calefaccion|bloqueo|lugar
    `,
    asked: `
      por que|si|que pasa si|quien|cual|donde|a que hora|hasta que hora|desde que|dejaron|dejo de|pararon|acaso
      me dijo|me dijeron|dijeron|decia|alguien|le pueden decir|les pueden decir|diganle|diganles|digale|dile
      no puedo|no podia|no pude|no paro de|no para de|no paran de|no deja de|no dejo de|no dejan de|no pedi
      no he pedido|no entiendo|cuantos|cuantas|cada cuanto|no quise|por error|sin querer|iba a|casi|casi me
      por poco|habia pedido|habiamos pedido|pedi que|espero que no|ojala
    `,
    limits: `
      cuando|hasta|antes|antes de|despues de|despues|durante|de noche|por la noche|en la noche|tan temprano
      tan tarde|tan seguido|tantos|en ingles|en espanol|los domingos|a las|de madrugada|mientras|por ahora
      esta semana|de vuelta|en la madrugada|tantas veces|por las noches
    `,
    told: `
      no me llego|no me llegan|no me han llegado|no he recibido|no recibi|no recibo|me llego|recibi|recibo|tengo
      tienen|hay|vi|me mandaron|me enviaron|mandaron|dejaron de mandarme|dejaron de mandar|dejaron de enviar
      deje de recibir|no me mandan|no mandan|no me ha llegado|llegan|esta de baja|estoy de baja|estaba de baja
      no hay|no tengo|no tienen|no pueden|no me escriben|no me avisan|no me avisaron|no saque
    `,
    you: '',
    others: `
      ellos|los ninos|mi hijo|mi hija|mi nino|la gente|el vecino|los jovenes|los chicos|mi vecino|la musica
      el bano|el bus|mi hermana|mi hermano|mi mama|mi papa
    `,
    i: '',
    miss: 'perder|perderme|perdernos|olvidar|olviden|olvide|olvides',
    keep: `
      sigan mandando|sigan mandandome|sigan enviando|sigan enviandome|sigan avisando|sigan avisandome
      sigan escribiendo|continuen enviando|continuen mandando|continuen|quiero seguir|sigan
    `,
    but: `
      porque|pq|xq|ya que|sino|salvo|excepto|menos|solo|solamente|asi que|por eso|pues|entonces|y a que hora
      y donde|y hasta que|es que|en cambio|a no ser que
    `,
    and: 'y|e',
    question: '',
    of: 'de|del|desde',
    yet: 'pero|aunque|mejor|pero mejor|no importa|olvidenlo|ya no hace falta',
    meant: 'queria|pensaba|quise',
    sent: 'puse|puso|escribi|escribio|mande un|responda|respondi|dice|pone',
    reported: `
      mande baja|puse baja|puso baja|mando baja|envie baja|escribi baja|responda baja|mande stop|mando stop
      envie stop|me di de baja|me desuscribi|di de baja
    `,
    never: 'nada de',
    dontStop: 'no se olviden de|no quiten los avisos|no cancelen los avisos|no cancelar los avisos',
    still: `
      tres veces|3 veces|siguen llegando|me siguen|siguen mandando|y siguen|y hoy otra vez|todavia me|dos veces
    `,
    groups: 'taller|talleres|curso|clase|club|visita|charla|grupo|torneo|excursion|lista de asistentes',
    little: `
      el|la|un|una|al|a|su|sus|tu|tus|mis|mi|le|les|se|q|que|ke|por|para|en|con|sobre|x|esta|este|estar|lo de
      biblioteca|ustedes|usted|uds|ud|vosotros|os|te|celular|telefono|movil|via|ser|tipo de|servicio|servicio de
      parte de|vuestros|vuestras|mas de|cuestion de|tantos malditos|malditos|pinches|putos|yo|nosotros|estan|ni|o
      mio|prefiero|preferiria|tanto|tantas|vayan a|vaya a|vayas a|van a|vayais a|ocurra|pensar que|crean que
      piensen que
    `,
  },
  kinds: [
    [
      'promotional',
      'messages',
      `
        publicidad|anuncio|anuncios|promociones|promocion|promos|ofertas|propaganda|propagandas|marketing|comerciales
        publicitarios|promocionales|publicitario
      `,
    ],
    ['newsletter', 'messages', 'boletin|boletines|newsletter|boletin informativo|boletin de noticias'],
    ['news', 'news', 'noticias|novedades'],
    ['events', 'news', 'evento|eventos|actividades|actividad|programas'],
    ['surveys', 'news', 'encuesta|encuestas|cuestionarios'],
    ['overdue', 'named', 'vencidos|atrasos|retrasos|atrasados'],
    [
      'overdue',
      'things',
      `
        vencido|atrasado|atraso|retraso|retrasados|morosos|libros vencidos|libros atrasados|libro vencido
        materiales vencidos|libros retrasados|mora
      `,
    ],
    ['pickup', 'named', 'reservas|apartados|reservaciones'],
    [
      'pickup',
      'things',
      `
        reserva|reservado|reservados|libros reservados|libro reservado|reservacion|recoger|recogida|retirar un libro
        mis reservas|mi reserva|libros apartados
      `,
    ],
    ['due', 'named', 'vencimientos|vencimiento'],
    [
      'due',
      'things',
      `
        fecha de entrega|fechas de entrega|fecha de devolucion|fechas de devolucion|fecha de vencimiento
        fechas de vencimiento|por vencer|devolucion|devoluciones|libros por vencer
      `,
    ],
    ['fines', 'named', 'multas|cargos|cobros'],
    ['fines', 'things', 'multa|adeudos|deudas|mis multas'],
    ['events', 'things', 'cuentacuentos|hora del cuento'],
    ['due', 'things', 'entrega|entregas'],
  ],
}
