/** What words say in one language. Another language is another value of this shape. */
export interface Lexicon {
  readonly code: string
  /** -3 to 3: how much a word, or words together, praise or complain. */
  readonly mood: { readonly [words: string]: number }
  readonly not: readonly string[]
  readonly more: readonly string[]
  readonly less: readonly string[]
  /** What follows weighs more than what stands before. */
  readonly but: readonly string[]
  /** Said where the contrary is meant: the sign of what else is good in it turns. */
  readonly ironic: readonly RegExp[]
  /** Somebody asks, or something does not work for them: staff can help. */
  readonly asks: readonly RegExp[]
  readonly broken: readonly RegExp[]
  /** Questions that want no answer, each with `g`. */
  readonly rhetorical: readonly RegExp[]
  readonly thanks: readonly RegExp[]
  /** Of danger, or of minutes. */
  readonly urgent: readonly RegExp[]
  /** The library's own news, adverts, lists of events: nobody waits for an answer. */
  readonly told: readonly RegExp[]
}

const list = (text: string): readonly string[] =>
  text
    .split('\n')
    .flatMap((line) => line.split(','))
    .map((one) => one.trim())
    .filter(Boolean)
const weighed = (weights: { readonly [weight: string]: string }): { readonly [words: string]: number } =>
  Object.fromEntries(
    Object.entries(weights).flatMap(([weight, words]) => list(words).map((one) => [one, Number(weight)])),
  )

/** What only libraries are asked for, in the languages that this package reads words of. */
export const libraryWords: readonly string[] = list(`
  library, libraries, librarian*, library card, circulation desk, circ desk, reference desk, interlibrary, inter library, ILL request, course reserve*, on reserve, book drop, book return, overdue,
  due date, renew, renewed, renewal, late fee*, hold shelf, my hold, holds, call number, catalog, catalogue, study room*, group study room, reading room, quiet floor, silent floor, story time, storytime, story hour,
  special collections, microfilm, makerspace, carrel*, bookmobile, large print, summer reading, reading challenge, book club, read aloud, board book*, museum pass, stacks, periodicals, the archives, bookshelves, picture book*, audiobook*,
  biblioteca*, bibliotecari*, sala de lectura, hora del cuento, cuentacuentos, cuarto de estudio, sala de estudio, préstamo*, prestamo*,
  bibliothèque*, bibliothécaire*, médiathèque*, salle de lecture, heure du conte,
  bibliothek*, bücherei*, bibliothekar*, lesesaal, leihfrist, fernleihe, vorlesestunde,
  图书馆, 馆员, 借书, 还书, 自习室, 阅览室, 绘本, 馆际互借`)

/** What people do in a library, and elsewhere: each says a little. */
export const lifeWords: readonly string[] = list(`
  book, books, textbook*, novel*, read, reading, shelf, shelves, borrow*, return, returned, returns, due, fine, fines, fee, fees, hold, waitlist, card, checked out, check out, copy, copies, edition, volume, newspaper*, magazine*,
  study, studying, studied, exam*, midterm*, finals, thesis, dissertation, essay, capstone, homework, tutor*, citation*, research, bibliography, paper due, take home,
  outlet*, seat, seats, table, tables, desk, floor, upstairs, downstairs, basement, quiet, silent, silence, loud, noise, noisy, whisper*, shush*, nap, heater, heat, lamp*, whiteboard*, marker*, chair*, reserve a room, book a room, booked, booth,
  print, printed, printer*, printing, prints, scan, scanned, scanner*, copier, toner, photocop*, paper jam, wi-fi, wifi, internet, laptop*, charger*, computer*, kiosk*, login, log in, session expired, proxy, pdf, article*, journal*, database*, e-book*, ebook*, online access, full text, app, website,
  kids, children, toddler*, stories, puppet*, craft*, lego*, teen*, volunteer*, staff, clerk*, guard, class, classes, workshop*, citizenship, english class, resume, tax forms, notary, board game*, puzzle*, donate*, donation*, donated, book sale, exhibit*, display, map, maps, local history, genealogy, archive*,
  hours, opens, open late, open early, closes, closed early, closing time, midnight, weekend hours, restroom*, bathroom*, water fountain, front door, entrance, ramp, wheelchair, lost and found, turned in, locker*,
  3d print*, filament, pla, laser, vinyl, sewing, solder*, sd card, trained users,
  libro*, leer, imprimir*, impresora*, estudiar, tarjeta, tarea, personal, computadora*, internet gratis, libre*, livre*, imprimer, imprimante*, étudier, catalogue, revue*, buch, bücher, drucken, drucker, lernen, ausgeliehen, ruhig*,
  书, 打印, 安静, 自习, 借, 论文, 期末, 热可可, 座位, 老师`)

export const english: Lexicon = {
  code: 'en',
  mood: weighed({
    3: 'angel, angels, legend, legends, mvp, goated, love, loved, amazing, fantastic, wonderful, awesome, incredible, outstanding, brilliant, lifesaver, life saver, saved my life, saved me, saved my butt, best, phenomenal, heroes, hero, queens, superb, perfect, ❤, 🥰, 😍, 💖, 💕, 🙌',
    2: `great, excellent, thank, thanks, thank you, thx, grateful, appreciate, appreciated, kind, helpful, friendly, lovely, beautiful, gorgeous, delighted, happy, glad, thrilled, impressed,
      enjoy, enjoyed, recommend, underrated, gem, favorite, favourite, patient, welcoming, cozy, shoutout, shout out, kudos, props, bless, yay, yes please, well done, good job, above and beyond, went out of their way,
      no questions asked, made my day, made my week, so easy, a joy, treasure, blessing, 😊, 😀, 😁, 👏, 🎉, ♥, 💙, 💚, 💛, 💜, 👍, 🙏, 🫶, 🥹, 👑, 🥳, crown, finalist, award, clutch, blessed, best part, finally, nicest, kindest, kindness, sweet, sweetest, angelic, rock, rocks, slaps, ty, found my, reunited`,
    1: 'good, nice, fine by me, cool, easy, quick, fast, fun, free, clean, comfy, comfortable, quiet, peaceful, useful, better, fixed, works again, finally works, back up, reopened, open late, new, pleased, interesting, cute, solid, found it, waived, helped, helps, worth, smooth, convenient, excited, like this, warm',
    '-1': `smh, grudge, apparently, drops, dropping, loops, loop, stops, zero results, only outlet, overheated, stuffy, ghosted, again, still, unavailable, ruined, slow, late, noisy, loud, cold, hot, dirty, full, crowded, packed, messy, annoying, annoyed, confusing, confused, complicated, unclear, missing, lost, problem, issue, issues, trouble, wait, waiting, waited, wrong,
      weird, outdated, old, expensive, hard to, difficult, sad, miss the, shame, unfortunately, sigh, ugh, meh, stuck, bored, limited, cut, cuts, cutting, short staffed, understaffed, no outlets, no seats, nowhere, nobody, again and again, only one, still no, still not, still waiting, expired, locked, error,
      cancelled, canceled, sticky, smells, smell, flickering, leak, leaking, freezing, boiling, 😕, 🙁, ☹, 😞, 😒, 🤨, 😐, 🥲, 🤷`,
    '-2': `demand, demands, deserve to, deserves to, concerned parent, against the law, illegal, no longer, took away, got rid of, yelled, weren't told, i want a manager, my money back, i would like my, charged, bad, broken, broke, closed again, closed early, down again, not working, not work, doesn't work, does not work, doesnt work, didn't work, won't work, isn't working, can't, cannot, couldn't, cant, fails, failed, failing, crash, crashes, crashed, crashing, kicked out, kicks me out, logs me out, kicked off,
      never came, never arrived, never got, never showed up, no one answers, nobody answers, no answer, no reply, no response, ignored, disappointed, disappointing, frustrated, frustrating, rude, unhelpful, unfair, charged me, charged twice, fined, fined me, wrongly, by mistake, billed, out of order, jammed, jams, dead, useless, awful place,
      complain, complaint, upset, angry, mad, sucks, suck, hate, poor, mess, gave up, give up, waste, wasted, refuse, refused, denied, blocked, turned away, unacceptable, unusable, unsafe, harassed, stole, stolen, broke down, 😠, 😡, 😤, 👎, 💔, 😩, 😫, 😭, 🙄, 😑`,
    '-3': 'terrible, horrible, awful, worst, disgusting, ridiculous, disgrace, disgraceful, pathetic, outrageous, furious, joke, nightmare, shameful, appalling, atrocious, infuriating, garbage, trash, wtf, scam, 🤬',
  }),
  not: list(
    "not, no, never, n't, don't, dont, doesn't, doesnt, didn't, didnt, isn't, isnt, wasn't, wasnt, aren't, weren't, can't, cant, couldn't, won't, wont, without, hardly, barely, nothing, nobody, neither, nor, ain't",
  ),
  more: list(
    'very, so, really, super, extremely, absolutely, totally, too, incredibly, such, seriously, always, insanely, way',
  ),
  less: list('a bit, bit, slightly, somewhat, kinda, kind of, sort of, little, fairly, pretty much, almost'),
  but: list('but, however, though, although, yet, except, until'),
  ironic: [
    /\bthanks (?:a lot )?for (?:nothing|the (?:fine|fee|bill|wait)|charging|closing|losing|cancel+ing)/i,
    /\b(?:oh|ah|well|yeah|yay|wow)?,? ?(?:great|love(?:ly)?|wonderful|fantastic|brilliant|awesome|perfect|nice|cool|congrats|bravo|genius|super|yay|thanks|thank you)\b.{0,90}\b(?:again|closed|broken|down|out of order|fined?|fees?|charged|lost|late|never|wait(?:ed|ing)?|hours|jam(?:med)?|nothing|nobody|no one|locked|overdue|error|crash|leak|freezing|dead)\b/i,
    /\b(?:love|loving|nothing like|nothing says|gotta love|don't you love|can't beat|who doesn't love)\b.{0,80}\b(?:wait|broken|closed|down|error|fine|fee|late|locked|jam|leak|crash|again|hours|freez|no)\w*/i,
    /(?:^|\s)\/s\b|#sarcasm\b/i,
    /\b(?:great|good|nice|stellar|top notch|amazing|excellent) (?:job|work|service|system|planning|communication|timing)\b.{0,60}(?:🙄|👏|😑|\.\.\.|not\b|when\b|if you\b)/iu,
    /\bjust what (?:i|we) needed\b|\bhow (?:helpful|lovely|convenient|wonderful|generous)\b(?!.*\bthank)|\bso (?:helpful|convenient|great)\b.{0,20}(?:🙄|😑|\.\.\.)/iu,
    /\b(?:10\/10|five stars|5 stars|a\+)\b.{0,80}\b(?:again|closed|broken|down|never|wait|lost|fine|would not|sarcasm)\b/i,
    /🙄|🙃/u,
  ],
  asks: [
    /[?？]|吗|哪里|怎么|求问|能不能|有没有|求助/,
    /\b(?:pls|please) (?:come|fix|reset|help|send|check|tell|do|turn|bring|someone|somebody)\b|\bwhoever(?:'s| is)? (?:on duty|in charge|runs|at the desk)\b|\b(?:i(?:'d| would) like|i want) (?:somebody|someone|a manager|to (?:talk|speak)|my)\b|\b(?:somebody|someone) (?:might|should|needs? to|please)\b|\bwho (?:fixes|do i|can i|should i|runs)\b|\b(?:do|does|can|is|are) (?:u|you|we|i|they|it|there|the|overdue)\b[^.!?\n]{8,90}(?:$|\.|\n)/i,
    /\b(?:does|do|did|has|have|is|are|can|could|would|will|who|what|when|where|why|how|which)\b[^.!?]{3,120}\?/i,
    /\b(?:anyone|anybody|somebody|someone) (?:know|knows|else|here|able|got|have|had|tell)\b/i,
    /\b(?:how (?:do|can|does|would|long|much|to)|where (?:do|can|is|are)|when (?:do|does|is|are|will)|is there (?:a|any|some)|are there|can (?:i|we|you|someone|somebody|anyone)|could (?:i|we|you|someone)|do (?:you|they) (?:have|know|offer|lend)|what time|what are the hours|who do i)\b/i,
    /\b(?:need (?:help|a|to|some)|looking for|trying to (?:find|figure|get|print|access|renew|log|book|reserve|reach|return)|help me|pls help|please help|any (?:ideas?|tips?|advice|recommendations?|suggestions?)|wondering (?:if|how|when|where|whether)|not sure (?:how|if|where|when|whether)|no idea (?:how|if|where|when)|can't (?:find|figure|remember)|cannot (?:find|figure)|wish i knew|asking for)\b/i,
  ],
  broken: [
    /\b(?:thanks|thank you|thx) for the (?:fine|fee|bill|charge)\b/i,
    /\b(?:(?:is|are|it'?s|was|been|still|went|all|both) (?:\w+ )?(?:dead|stuck|jammed|frozen|leaking|offline|down)|loop(?:s|ing)? (?:me )?back|blinking|zero results|blank page|stops? at|won'?t (?:let|even)|keeps? dropping|drops every|water (?:is )?(?:coming|leaking|dripping)|alarm (?:is )?going off|not on the shelf|never available|against the law|my (?:money|card|sd card|stuff|things|deposit|\$?\d[\d.]*) back)\b/i,
    /\b(?:not working|(?:doesn'?t|does not|isn'?t|won'?t|wont|didn'?t|did not|can'?t|cannot|couldn'?t|could not|unable to|fails? to|failed to)\s+(?:\w+\s+){0,2}(?:work|working|open|load|connect|log|login|access|print|renew|get|find|book|reserve|download|scan|sign|reach|return|see|use|pay|reset|loading|connecting|let|respond|show|accept|check|place|cancel|charge))/i,
    /\b(?:broken|out of order|jammed|kick(?:s|ed|ing) me (?:out|off)|logs? me out|locked out|error|time[sd]? out|timing out|dead link|404|403|keeps? (?:\w+ing|saying|asking|telling)|stuck (?:at|on|in)|expired|blocked|denied|rejected|declined|is down|went down|been down|down again|crash(?:es|ed|ing)?)\b/i,
    /\b(?:still (?:waiting|no|not|haven'?t|hasn'?t|says?|shows?|closed|broken|down|overdue)|never (?:came|arrived|got|showed|heard|received|answered|called)|no (?:one|body) (?:answers|answered|replies|replied|came|picks|was|at the desk)|nobody (?:answers|answered|replies|replied|came)|waiting (?:for )?(?:\w+ ){0,2}(?:weeks?|months?|days|hours?)|lost my|left my|charged (?:me|us|twice|for)|fined (?:me|us|for)|(?:got|been|was|were|am|being) (?:charged|fined|billed|blocked|turned away)|says i (?:owe|never|still|didn'?t)|returned (?:it|them|the|that|this|my|both|all)\b.{0,60}\b(?:still|but|yet|fine|overdue|says))\b/i,
    /\b(?:no (?:wi-?fi|internet|signal|paper|toner|hot water|heat|outlets?|chargers?|confirmation)|wi-?fi (?:is |has been |keeps |was )?(?:down|out|slow|dropping|terrible|awful|so bad|unusable|dead))\b/i,
  ],
  /** Questions that want no answer. */
  rhetorical: [
    /\b(?:did|do) (?:you|u|y'?all|you all|people|parents) (?:even )?know\b[^?]{0,140}\?*|\bwhy not both\b|\bwho (?:even|else) \b[^?]{0,60}\?|\bhuh\?|\bright\?|\b(?:deserve|demand)\b[^?]{0,60}\?/gi,
  ],
  thanks: [
    /\b(?:thanks?|thank you|thx|ty|grateful|kudos|props|shout ?-?out|bless|appreciate[ds]?|appreciation|hats off|lifesavers?|heroes|saved (?:me|my)|above and beyond|you rock|y'all rock)\b/i,
    /\b(?:love|loved|adore|best|amazing|wonderful|fantastic|awesome|incredible)\b.{0,50}\b(?:librar\w+|staff|desk|librarians?|service|place|room|event|story ?time|team|program\w*)\b/i,
    /\b(?:librar\w+|staff|desk|librarians?|service|team|person|lady|guy|folks|people)\b.{0,60}\b(?:amazing|wonderful|fantastic|awesome|incredible|so (?:kind|helpful|nice|patient|friendly|sweet)|the best|a gem|lifesavers?|heroes|kind|patient|found it|helped me|made my)\b/i,
  ],
  urgent: [
    /\b(?:fire|smoke|gas leak|flood(?:ed|ing)?|emergency|ambulance|police|911|gun|weapon|knife|threat(?:en\w*)?|harass\w*|assault\w*|stalk\w*|followed me|following (?:me|girls|women|students)|groped|passed out|unconscious|overdose|injur\w+|bleeding|stuck in the elevator|trapped|locked in(?:side)?|unsafe|creep\w*|bed ?bugs|asbestos|exposed wir\w+|suicid\w+|data (?:breach|leak)|someone else'?s (?:account|record|name|loans?|card)|other people'?s (?:names?|records?|accounts?|data))\b/i,
    /\b(?:due|exam|final|midterm|deadline|defen[cs]e|presentation|paper|thesis|test|essay|assignment|quiz|submission|interview|class|flight)\b.{0,40}\b(?:today|tonight|tomorrow|in (?:an|one|two|2|3|a few|\d) hours?|at midnight|by (?:midnight|noon|5|tonight|tomorrow)|this (?:morning|afternoon|evening)|in \d+ ?(?:min|h\b))/i,
    /\b(?:today|tonight|tomorrow|in an hour|midnight)\b.{0,30}\b(?:exam|deadline|due|final|midterm|presentation|defen[cs]e|interview)\b/i,
    /\b(?:asap|urgent(?:ly)?|as we speak|immediately)\b/i,
    /\b(?:due|closes?|closing|exam|leav(?:e|ing)|fl(?:y|ying|ight))\b.{0,30}\b(?:in \d+ ?(?:min|m\b|h)|tmrw|tomorrow|tonight|11:59|midnight)|\b(?:alarm (?:is )?going off|water (?:is )?(?:coming|pouring|leaking|dripping)|oxygen|insulin|passport|wheelchair (?:stuck|lift))\b/i,
  ],
  told: [
    /\b(?:join us|register (?:now|here|today)|rsvp|sign up (?:now|here|today)|tickets? (?:on sale|available)|save the date|we(?:'re| are) (?:hiring|excited to announce|pleased to announce)|press release|now hiring|job opening|apply (?:now|by|here)|for immediate release|read more|sponsored|limited time|use code|promo code)\b/i,
  ],
}
