import type { Language } from './language.ts'

export const en: Language = {
  locale: 'en',
  // 47 CFR 64.1200(a)(10) and the carriers' lists: Twilio, AWS (which has REMOVE and OPT-OUT), Telnyx.
  stop: 'stop|stopall|unsubscribe|cancel|end|quit|revoke|optout|opt out|remove',
  start: 'start|unstop',
  help: 'help|info',
  mistyped: {
    stop: 'stpo|sotp|tsop|stopp|sttop|stip|stpp|dtop|st0p|sto0p|cancle|cacnel|canecl|qiut|optuot',
    help: 'hlep|hepl|ehlp|hellp|helpp|hlp|heplp|h3lp',
  },
  plain: '',
  please: 'please|pls|plz|plse|plss|kindly',
  courtesy: `
      thanks|thank you|thank u|thankyou|thx|ty|tysm|ok|okay|just|now|right now|immediately|already|omg|ugh|hey|hi
      hello|good morning|sorry|sir|maam|guys|asap|today|at once|fuck off|fuck you|damn|enough|lol|yo|kind regards
      bro|dude|man|lady
    `,
  opening: `
      i want to|i would like to|id like to|i wish to|i need to|i would like|id like|i said|i have said
      i already said|i told you|i told you to|i have told you|i asked|i asked you|i asked you to|for the last time
      for the third time|for the second time
    `,
  asking: `
      can|could|would|who do i have to talk to|who do i talk to|can you|can u|can ya|could you|could u|would you
      would u|will you|will u|you can|u can|you could|you may|can i|could i|may i|can we|could we|how do i
      how do we|how can i|how can we|how to|how would i|where do i|i want you to|i want u to|i wanna
      id like you to|i would like you to|i need you to|i am asking you to|im asking you to|i ask you to
      i ask that you|we ask that you|would you mind|do you mind|would appreciate if you|would appreciate it if you
      id appreciate it if you|i would appreciate it if you|if you could|if you would|is there any way i can
      is there any way to|is there a way to|is it possible to|i request that you|i demand that you
      i insist that you|you need to|you guys need to|u need to|you must|you have to|you all need to|yall need to
      make sure you|it would be great if you|let me|trying to|ok with
    `,
  words: {
    cease: `
      turn them off|turn these off|turn those off|skip|stahp|staph|stopped|if you stopped|if u stopped|if you stop
      no mas|nomas|stop|stops|quit|cease|desist|cease and desist|discontinue|refrain from|quit it with
      knock it off|knock off|cut it out|lay off|done with|im done with|enough with|enough of|stopping|halt|suspend
      end all|give it a rest|go easy with|go away|not keep|put an end to|fed up with|im sick of|sick of|tired of
      switch these off|switch them off|switch those off|shut these off|shut them off|turn the texts off
      switch the texts off|shut the texts off|enough already with|enough already
    `,
    leave: `
      withdraw from|unsubscribe|unsubscribing|unsub|opt me out|opt us out|optout|opting out|get out of|i want out
      out of this|unenroll|get off this|get off the|get off your|get off ur|get off of this|get off of your
      be unsubscribed|be opted out|get unsubscribed|me unsubscribed|number unsubscribed
    `,
    cancel: `
      cancel|canceling|cancelling|end|ending|turn off|turn of|shut off|switch off|disable|deactivate|block|mute
    `,
    not: `
      dont keep|do not keep|never keep|dont|do not|not|never|no longer|dont ever|instead of|wont be|wouldnt
      should not|shouldnt|dnt|do nt|doesnt|does not|may not|must not|isnt|arent|no need to|wouldnt want to be
    `,
    no: 'no|none of|zero',
    never: 'no more|no further|not one more|not another|no additional',
    unneeded: `
      nobody wants|nobody here wants|no one wants|no one here wants|no thanks to|rather not|would rather not
      no need|not need|not interested|not interested in|no interest|unwanted|unwelcome|not welcome|uninterested
      wont be needing|wont need|could do without|can do without|no use for|have no use for|no wish|im good on
    `,
    write: `
      nag|nagging|nagging me|texting|txting|messaging|msging|smsing|contact|contacting|contacted|texted|messaged
      notify|notifying|notified|bother|bothering|pester|pestering|spam|spamming|spaming|write me|write to me
      writing me|writing to me|harass|harassing|harassment|blowing up|hearing from you|hear from you|hear from u
      hear from the library|hear from yall|communicate with|buzz|pinging|ping|bug me|bugging|hitting me up
      hittin me up|hear about
    `,
    text: 'text|txt|message|msg|sms|mssg|text message|txt msg|text msg',
    call: 'call|calling|ring|phoning',
    send: 'send|sending|sent|snd|sendin|deliver|use',
    want: `
      want|wanting|need|needing|wish|care for|interested in|wanted|needed|welcome|appreciated|accept|agree to
      would like|consent to
    `,
    get: 'get|getting|receive|receiving|recieve|recieving|hear|see|have|having|gettin',
    texts: `
      messaging program|text program|texting program|alert program|sms program|text message program|texts|txts
      messages|msgs|text messages|text msgs|txt messages|txt msgs|sms messages|mssgs|mesages|notices|notifications
      alerts|reminders|text alerts|text notices|text reminders|text notifications|sms alerts|text communication
      communication|communications|pings|texting list|text list|correspondence|text service|text messaging
      messaging service|text updates|updates|announcements|text announcements|the texting
    `,
    me: 'me|us|here|my mom|my husband|my wife|him|her|them people',
    number: `
      my number|this number|the number|my phone|this phone|my cell|this cell|my phone number|this phone number
      my mobile|this line|my line|my no|my num|this num|his number|her number|my info|this info|my name|his name
      her name|my contact info|my digits|this 1|his phone|her phone|my telephone number|this mobile|that number
      business line|work phone|business phone|work cell
    `,
    drop: 'take|erase|scrub|strike|pull|purge|lose|forget|take me|get me',
    remove: 'removed|taken off|deleted|dropped|remove|delete|removing|wipe|drop',
    list: `
      list|lists|system|database|records|contacts|contact list|mailing list|texts list|text system|subscription
      subscriptions|call list|distribution
    `,
    revoke: `
      revoke|withdraw|withdrawing|revoking|withdrawn|revoked|rescind|take back|object|i refuse|decline|i reject
      hereby object
    `,
    consent: `
      consent|permission|permissions|authorization|authorize|give you permission|gave you permission|agreed
      authorise|authorisation|approve
    `,
    more: `
      anymore|more|again|ever again|any longer|further|another|nomore|additional|one more|anything else|else|ever
    `,
    it: `
      it|all|this|that|these|those|them|stuff|things|thing|crap|shit|junk|any of these|any of it|such
      stuff like this|all of it
    `,
    anything: 'anything|nothing|everything',
    alone: `
      leave me alone|leave us alone|lose my number|lose this number|forget my number|leave me be
      go bother someone else|block me|do not disturb|leave me the hell alone|leave me out of|get me off this
      take me off this|get lost|piss off|stfu|leave me out of your texts|leave me out of this|texts off
      text alerts off|alerts off|notifications off|if you dont stop|if u dont stop|please no more|pls no more
      no more please|no more pls
    `,
    threat: `
        lawyer|attorney|lawsuit|sue|suing|fcc|ftc|complaint|complain|report you|reporting you|reporting this
        be reported|police|legal action|tcpa|court|harassment charges|bbb
      `,
    wrong: `
      the wrong number|the wrong person|you have the wrong number|you have the wrong person
      u have the wrong number|this is the wrong number|its the wrong number|you got the wrong number
      u got the wrong number|not me|wrong number|wrong person|wrong phone|wrong guy|wrong girl|wrong lady
      wrong one|not him|not her|who is this|new phone|passed away|died|deceased|moved|never signed up
      didnt sign up|did not sign up|signed up for this|annoying|driving me crazy
    `,
    things: `
      text i sent|message i sent|text i just sent|list for|list of|list to|hold it|bus stop|stop by|stopping by
      stop in|stop at|full stop|next stop|one stop|non stop|stop sign|stop motion|stop smoking|quit smoking
      stop auto|hold list|waitlist|wait list|waiting list|reading list|wish list|my list|for later|booking
      bookings|textbook|room|rooms|reservation|reservations|registration|appointment|card|account|loan|loans
      request|book|books|dvd|dvds|movie|movies|copy|fee|printer|printing|item|items|review|computer|session
      membership|volunteer|kids|music|alarm|noise|yelling|smoking|reading|bus|train|hoopla|libby|kindle|email
      emails|emailing|museum|pass|textbooks|text books|text book|text editor|block on|mail|newspaper|magazine|app
      return|returns|large print|lego|newsletter question|spot|address|interlibrary|receipt
    `,
    asked: `
      what number|which number|why|how come|what if|what happens|if i|if you|if we|if|whether|did i|did you
      did they|did the|did we|didnt|did not|does|do i|do you|do u|do they|do we|have you|havent|have not|hasnt|who
      which|was|were|wasnt|werent|are you|are the|are these|is there|is the|is this|is it|will i|will the
      will they|will my|will it|will these|should i|should we|should she|should he|i didnt|i did not|never said
      never asked|never told|never meant|dont remember|dont recall|is this why|what does|what do|how does|how long
      how many|how often|how soon|suppose|said to|told me|heard|someone|somebody|everyone|nobody|you stopped
      you no longer|you used to|can someone|can somebody|make him|make her|make them|tell him|tell her|tell them
      kids to|them to|him to|her to|cant|wont|couldnt|seem to|seems to|i wonder|wondering|i was going to|was gonna
      i was about to|almost|nearly|id asked|i had asked|accidentally|reply with|hope you|you wont|i hope
      thought about|thinking about|thinking of|considering|considered
    `,
    limits: `
        when|once|until|till|unless|before|after|while|during|at night|at work|back|at 6|at 7|at 5|so early|so late
        so often|so many|so much|twice|in spanish|in english|on sundays|on weekends|overnight|as often|every day|later
        this early|this late|at that hour|early|late at night|for now|for a bit|for a while|this week|temporarily
      `,
    told: `
      messages stopped|text stopped|sms stopped|reminders stopped|notices stopped|alerts stopped
      notifications stopped|i got|i get|we get|got|received|i received|i have|i had|you have|there are|there is
      i see|saw|read|stopped getting|i stopped getting|stopped receiving|texts stopped|i stopped|not getting
      not receiving|aint getting|i never got|never got|never received|never get|i dont get|i do not get|dont get
      didnt get|no longer get|no longer receive|no longer text|no longer send|no message from|no text from
      no word from|dont see|dont have|i did|worry about|dont worry about|no problem|cant send|you cant
    `,
    you: 'youre|youve|you|u|yall|library|your text|the system',
    others: 'they|he|she|it says|people|kid|son|daughter|baby',
    i: 'ive|ill|im|id|i|we',
    miss: 'miss|missing|overlook|lose these|lose the|lose my|lose them|lose those',
    keep: `
      keep sending|keep texting|keep messaging|keep getting|keep receiving|continue sending|continue texting
      continue to text|continue to send|resume|keep them|keep it|keep the texts|want to keep|want to continue
      keep em|keep the messages|keep the reminders|like to keep|love these|love the texts|text me at the new
      keep them coming|keep the texts coming|turn back on|turn it back on|turn them back on|sign me back
      put me back|get back in|im staying|i stay|ill stay|changed my mind about leaving|stay on
    `,
    but: 'because|bc|cuz|so|since|except|otherwise|therefore|and also|instead|only|as i|cause',
    and: 'and|n',
    question: '',
    of: 'from|of|out|off of this|for|in',
    yet: 'but|though|although|however|never mind|nevermind|glad i|but then',
    meant: 'i wanted to|wanted to|i meant to',
    sent: `
      i texted|we texted|he texted|she texted|i sent|he sent|she sent|i typed|i wrote|i replied|i said|ive said
      ive texted|ive sent|hit|pressed|clicked|typed|replied|reply|says|texted you|wrote back|i put|i pressed|i hit
      say
    `,
    reported: `
      sent stop|texted stop|i unsubscribed|i already unsubscribed|ive unsubscribed|ive already unsubscribed
      i opted out|i already opted out|ive opted out|we opted out|text stop|reply stop
    `,
    off: 'off|off of|out of',
    dontStop: 'dont cancel|hate it if|hate if|undo that|undo this|dont let|do not let|never let',
    still: `
      three times|3 times|several times|still getting|you keep|u keep|yall keep|you guys keep|still at it
      still coming|still texting|why are you still|still sending|keep coming|and you keep|you still|twice already
      keep going|again today
    `,
    groups: `
      class|classes|club|group|workshop|raffle|circle|tournament|toddler time|field trip|list of people|seat
      class list|tour|lesson|lessons|camp|challenge|team|reading challenge|book club|story time with|trivia
      signup sheet|sign up sheet|recital|webinar|book group
    `,
    little: `
      the|a|an|any|your|ur|yr|you guys|to|be|about|on|at all|with|re|regarding|my|our|such as|or|w|you to|by|via
      over|through|by text|by sms|up|am|are|is|getting sent|off my|being|u to|as well|too|also|really|so far
      text based|automated|stupid|fucking|goddamn|freaking|dumb|from the library|from you|from u|from yall
      from you people|from your|made|make|going|phone|have got to|has got to|got to|gotta|needs to|need to|go and
      pretty
    `,
  },
  kinds: [
    [
      'promotional',
      'messages',
      `
        promotional|promotion|promotions|promo|promos|ad|ads|advert|adverts|advertisements|advertising|marketing
        offers|solicitations
      `,
    ],
    ['newsletter', 'messages', 'newsletter|newsletters|news letter'],
    ['overdue', 'messages', 'overdue ones|late ones'],
    ['pickup', 'messages', 'hold ones'],
    ['due', 'messages', 'due date ones|due ones'],
    ['news', 'news', 'news|library news'],
    ['events', 'news', 'event|events|program|programs|programming|activities|event info'],
    ['surveys', 'news', 'survey|surveys|questionnaires'],
    ['overdue', 'named', 'overdue|overdues'],
    [
      'overdue',
      'things',
      `
        over due|late|past due|overdue books|overdue book|overdue items|late books|late book|late items|overdue stuff
      `,
    ],
    ['pickup', 'named', 'holds|pickup|pickups'],
    ['pickup', 'things', 'hold|reserves|pick up|hold pickup|hold pickups|ready holds|my holds|my hold'],
    ['due', 'named', 'due'],
    ['due', 'things', 'due date|due dates|due soon|courtesy|coming due|almost due|dues'],
    ['fines', 'named', 'fines'],
    ['fines', 'things', 'fine|fees|bills|billing|my fines'],
    ['events', 'things', 'storytime|storytimes|story time|craft nights|author talks'],
  ],
}
