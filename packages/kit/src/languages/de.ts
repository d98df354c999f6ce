import type { Language } from './language.ts'

// Written without a native speaker: UNVERIFIED. Umlauts are "o", however they are typed: "möchte", "moechte", "mochte".
export const de: Language = {
  locale: 'de',
  stop: 'stopp|abmelden|abmeldung|abbestellen|austragen|ende|aufhoren|aufhoeren|schluss|beenden',
  plain: 'stopp|abmelden|abbestellen|aufhoren|austragen',
  start: 'starten|anmelden|fortsetzen',
  help: 'hilfe',
  mistyped: {
    stop: 'abestellen|abbstellen|abbestelen|abmeldne|abmelen',
    help: 'hlife|hilef|hifle|hlfe|hilffe|hilfee|hile',
  },
  please: `
      bitte|ich bitte darum|ich bitte sie|ich bitte euch|ich fordere sie auf|bitte sorgen sie dafur dass
      es ware nett wenn|ware nett wenn|ich ware dankbar wenn|bitt|btte|wurde mich freuen wenn
      ich mochte sie bitten|ich mochte euch bitten|bitte um|ich bitte um
    `,
  courtesy: `
      danke|dankeschon|danke schon|vielen dank|hallo|guten tag|guten morgen|servus|gruezi|sofort|endlich|jetzt|mal
      doch|ab sofort|lg|mfg|umgehend|nochmals|merci|liebe grusse|endgultig
    `,
  opening: 'ich sagte|ich habe gesagt|ich hab gesagt',
  asking: `
      konnts ihr|konnt s ihr|wenn sie mir|wenn ihr mir|wenn sie mich|wenn ihr mich|konnen sie|kann ich|konnt ihr
      konntet ihr|konnten sie|konntest du|kannst du|kann man|wie|wie krieg ich|wie bekomme ich|wurden sie
      wurdet ihr|darf ich|ware es moglich|ist es moglich|gibt es eine moglichkeit|konnte man|ok|okay|bei mir
    `,
  words: {
    cease: `
      stop|stopp|stoppt|stoppen|hort|horts|horen sie|hor|aufhoren|aufhorn|aufzuhoren|schluss|ende mit|genug von
      genug mit|unterlassen|unterlasst|lasst das|lassen sie das|lass das|einstellen|einzustellen|absehen
      davon abzusehen|verzichten|verschont mich mit|verschonen sie mich mit|lasst mich endlich in ruhe mit
      jetzt reichts mit|es reicht mit|satt|die nase voll von|aufhort|verzichte|einstellt|sein lassen
      bleiben lassen|spart euch|sparen sie sich|spar dir
    `,
    leave: `
      austragung|abmelden|abzumelden|austragen|auszutragen|melden sie mich|meldet mich|melde ich mich ab
      melde mich ab|mich ab|meld mich ab|tragt mich aus|tragen sie mich aus|abbestellung|melden sie meine nummer
      meldet meine nummer|meld meine nummer|abmelde|abmeldung
    `,
    cancel: `
      abbestellen|abzubestellen|abbestell|bestelle ab|bestell ab|kundigen|stornieren|abschalten|ausschalten
      abstellen|beenden|deaktivier*|stellt|stellen sie|stell|stelle|schaltet|schalten sie|weg|sperren|blockieren
      sperrt|blockiert|abdrehen|abdreht
    `,
    not: 'nicht|nie|niemals|nimmer|ned|net|nit|keinesfalls|auf keinen fall|keineswegs',
    no: 'kein|keine|keinen|keiner|keinerlei|kei|nix|nichts|null|ohne',
    unneeded: `
        nein danke|kein interesse|habe kein interesse|hab kein interesse|keinen bedarf|kein bedarf|habe keinen bedarf
        nicht notig|nicht notwendig|nicht erwunscht|unerwunscht|uberflussig|keine lust auf|keinen wert auf
        mussen nicht sein|muss nicht sein
      `,
    write: `
      schreiben|schreibt|schreibts|schreib|anschreiben|anzuschreiben|angeschrieben|kontaktieren|kontaktiert
      kontaktiere|kontaktaufnahme|belastig*|nerven|nervt|nerv|zutexten|antexten|texten|simsen|informieren
      informiert|benachrichtigen|benachrichtigt|erinnern|erinnert|behelligen|storen|stort|spammen|zuspammen
      zuspamt|zumullen|ankundigen|ankundigt|anzukundigen|anschreibt
    `,
    call: 'anrufen|ruft|rufen|anzurufen',
    send: `
      schicken|schickt|schickts|schick|senden|sendet|zusenden|zuschicken|zuzuschicken|zuzusenden|geschickt
      verschicken|ubermitteln|zusendung|versand|schickn|sendn|nutzen|verwenden|nutzung
    `,
    want: `
      will|mochte|wunsche|wollen|mochten|brauche|brauch|brauchen|benotige|benotigen|wunschen|gewunscht|erwunscht
      mecht|mag|wui|braucht
    `,
    get: 'bekommen|kriegen|erhalten|erhalt|empfangen|haben|sehen|horen|empfang',
    texts: `
        sms|smse|nachricht|nachrichten|nachrichtn|textnachricht|textnachrichten|text|texte|mitteilung|mitteilungen
        benachrichtigung|benachrichtigungen|erinnerung|erinnerungen|erinnerungs|meldungen|infos|sms benachrichtigung
        sms benachrichtigungen|sms erinnerungen|kurznachrichten|hinweise|nachichten|kontakt|sms dienst|sms service
        whatsapp
      `,
    me: 'mir|mich|uns|hierher|hierhin|ma|mi',
    number: `
      diese nummer|dieses handy|mein handy|meine telefonnummer|meine daten|meinen namen|meine mobilnummer|nummer
      handynummer|diesem handy|dieses telefon|meine mobilfunknummer|meiner telefonnummer|meiner daten
    `,
    drop: `
      nehmt|nimm|nehmen|streicht|streichen|streich|entfern*|tragt|tragen sie|rausnehmen|herausnehmen|raus
      schmeisst|da rausnehmen|da raus
    `,
    dropMe: '',
    remove: 'loschung|loscht|loschen|losch|losche',
    list: `
      listn|liste|listen|verteiler|sms liste|system|datenbank|kartei|sms verteiler|adressliste|abo|abonnement
      kontaktliste|verteilerliste|sms abo
    `,
    revoke: `
      widerrufe|widerrufen|widerspreche|widersprechen|widerruf|widerspruch|untersage|untersagen|verbiete|verbitte
      lehne
    `,
    consent: `
        einwilligung|zustimmung|erlaubnis|genehmigung|einverstandnis|zugestimmt|einverstanden|eingewilligt|stimme zu
      `,
    more: 'mehr|weitere|weiteren|weiterer|nochmal|noch einmal|noch|wieder|jemals|erneut|meh|einmal',
    it: 'das|die anderen|alles|alle|allen|diese|diesen|dieses|sowas|so was|zeug|kram|irgendwas|irgendwelche',
    alone: `
      mich in ruhe|mich endlich in ruhe|mich bitte in ruhe|uns in ruhe|uns bitte in ruhe|bitte nicht storen
      verschont mich|mich zufrieden|geht mir nicht auf die nerven|mich in frieden|das mit den sms lassen
      das mit den nachrichten lassen
    `,
    threat: `
        anwalt|anwaltin|zeig euch an|zeige euch an|zeig sie an|anzeige|anzeigen|polizei|beschwerde|beschwere
        beschweren|datenschutzbehorde|abmahnung|verklage|verklagen|rechtliche schritte|verbraucherzentrale|klage
        bundesnetzagentur|rtr
      `,
    wrong: `
      falsche nummer|die falsche nummer|das ist die falsche nummer|das ist eine falsche nummer
      sie haben die falsche nummer|ihr habt die falsche nummer|falsch verbunden|nicht frau|nicht herr
      nicht mehr frau|bin nicht|verstorben|gestorben|umgezogen|verwahlt|ist nicht|nie angemeldet|falsche person
      nervig|gehort nicht mehr|schon geschrieben|schon dreimal geschrieben
    `,
    things: `
      liste fur|buch|bucher|buchern|band|karte|ausweis|raum|gruppenraum|buchung|raumbuchung|warteliste|wartelisten
      merkliste|leseliste|alarm|musik|drucker|bus|haltestelle|konto|onleihe|ebook|film|mail|mails|email|emails
      anmeldung|zeitschrift|sitzung|ausleihe|leihe|platz|verlangerung|rauchen|lesen|reden|schreien|brullen|brummen
      tute|computer|pc|texte von|ausstellung|mitgliedschaft|stop motion|stoppuhr|bestellung|paket|wlan|heizung
      licht|automatisch*|nachmittag|adresse|anschrift
    `,
    asked: `
      warum|wieso|weshalb|ob|falls|wer|was|was soll|was ist|wie lange|ab wann|bis wann|wo|wie oft|wie viele
      habt ihr|hab die|habe die|woran|kann jemand|jemand|sagen sie|sagt|sollen|soll|sollten|bekomme ich|krieg ich
      aus versehen|versehentlich|angeblich|man hat|welche|welcher|nie abbestellt|fast|beinahe|hatte gebeten
      ich hatte|hoffentlich|dachte
    `,
    limits: `
        wenn|wann|bis|vor|nach|wahrend|nachts|am wochenende|abends|morgens|sonntags|so fruh|so spat|so oft|so viele
        um 6|um 7|uhr|auf englisch|auf deutsch|solange|bevor|nachdem|vorlaufig|vorerst|diese woche|zuruck
        in der arbeit|mitten in der nacht|erst
      `,
    told: `
      bekomme|kriege|krieg|erhalte|habe|hab|haben wir|hatte|gibt es|gibts|es gibt|kam|kamen|kommt|kommen
      kann nicht|kann mich nicht|geht nicht|war|ist|sind|hatten
    `,
    you: 'ihr|du',
    others: `
      er|es|man|der drucker|das gerat|gerat|die kinder|mein sohn|meine tochter|jungs|der bus|die leute
      waschmaschine|mein enkel|meinen sohn|meine kleine|meinen kleinen|unsere tochter|unseren sohn|mein kind
      meine kinder|meinen mann|meine frau
    `,
    i: '',
    miss: 'verpassen|verlieren|versaumen|vergessen|vergesst',
    keep: `
      weiterhin schicken|weiter schicken|bitte weiter|schickt weiter|schickt mir bitte weiter|schickt mir weiter
      schicken sie mir bitte weiter|schicken sie weiter|weiter bekommen|weiterhin bekommen|wieder einschalten
      wieder anmelden|weiter die|hierher schicken
    `,
    but: `
      weil|denn|sondern|ausser|nur|damit|deshalb|deswegen|sonst|und wann|und wo|und wie|und habt|bis auf
      stattdessen|dafur|da
    `,
    and: 'und',
    question: '',
    of: 'vom|von|aus|fur|beim|zum|zur',
    yet: 'aber|jedoch|doch nicht|hat sich erledigt|dann doch',
    meant: 'wollte mich|wollte',
    reported: `
      stop geschickt|stopp geschickt|stop geschrieben|stopp geschrieben|stop gesendet|stopp gesendet
      stop geantwortet|steht stop|steht stopp|antworten sie stopp|antworten sie mit stopp|stop gedruckt
      mich abgemeldet|abgemeldet|abbestellt
    `,
    dontStop: `
      nicht auf|nicht aufhoren|bitte nicht auf|bitte nicht aufhoren|nicht abbestellen|nicht abgemeldet
      nicht abmelden|nicht abstellen
    `,
    still: `
      dreimal|3 mal|drei mal|immer noch|trotzdem|wie oft denn noch|zweimal|schon wieder|kommt noch
    `,
    groups: `
      kurs|kurse|termin|fuhrung|lesekurs|nahkurs|lesekreis|club|gruppe|schachgruppe|treff|ferienprogramm|workshop
      lesung|lesenacht|kursus|ausflug|teilnehmerliste
    `,
    little: `
      der|die|den|dem|des|ein|eine|einen|einem|eure|euren|eurem|euer|ihre|ihren|ihrem|ihrer|meine|meinen|meiner
      mein|meinem|sie|ich|wir|zu|an|am|per|als|uber|wegen|bei|im|in|auf|ab|hiermit|hierzu|euch|ihnen|werden|wurden
      bucherei|bibliothek|stadtbucherei|sms an|gerne|gern|wirklich|bezuglich|betreffend|dass|dieser|eueren
      noch weitere|so|auch|gemass|durch|irgendwie|i|scheiss|blod*|verdammt*|dran|davon|mit|bloss|gefalligst
      eigentlich|kunftig|aufs handy|auf dem handy
    `,
  },
  kinds: [
    [
      'promotional',
      'messages',
      'werbung|werbe|angebote|aktionen|marketing|reklame|werbe sms|werbesms|werbenachrichten|promotions',
    ],
    ['newsletter', 'messages', 'newsletter|newslettern|rundbrief|infobrief'],
    ['overdue', 'messages', 'mahnungen|mahn sms'],
    ['due', 'messages', 'ruckgabeerinnerung*|leihfristerinnerung*|falligkeitserinnerung*'],
    ['events', 'messages', 'veranstaltungshinweis*|veranstaltungstipps|veranstaltungsinfo*'],
    ['news', 'news', 'neuigkeiten|neues|news|aktuelles'],
    ['events', 'news', 'veranstaltung|veranstaltungen|events|programm'],
    ['surveys', 'news', 'umfrage|umfragen|befragungen|fragebogen'],
    [
      'overdue',
      'things',
      `
        mahnung|uberfallig|uberfallige|uberfalliger|uberfallige medien|uberfallige bucher|uberfalliger bucher
        verspatung|saumnis
      `,
    ],
    ['pickup', 'named', 'vormerkungen|vorbestellungen|reservierungen'],
    [
      'pickup',
      'things',
      `
        vormerkung|vorbestellung|reservierung|abholung|bereitgestellte|abholbereit|meine vormerkungen|vorgemerkte
      `,
    ],
    ['due', 'named', 'leihfrist|leihfristende|fristende'],
    ['due', 'things', 'ruckgabe|falligkeit|fristablauf|fallig|leihfristen|ruckgabetermin|ablaufende'],
    ['fines', 'named', 'gebuhren|mahngebuhren'],
    ['fines', 'things', 'gebuhr|mahngebuhr|geldstrafen|saumnisgebuhr*'],
    ['overdue', 'messages', 'mahn'],
    ['events', 'messages', 'veranstaltungs'],
    ['due', 'messages', 'leihfrist sms'],
    ['pickup', 'messages', 'abholbenachrichtigung*|abholinfo*|abholhinweis*'],
  ],
}
