/**
 * What patrons say to get no more texts, in one language. All of it is word lists: phrases between bars or on
 * lines of their own, as `asWords` leaves
 * a text (lower case, no apostrophes), without accents unless `accents` says otherwise. A `*` stands for any ending of its
 * word. To mend a language, add the phrase to the list whose name says what it means, and a text to the tests; of two phrases
 * that begin alike the longer one counts, so that an exception is a longer phrase in another list.
 */
export interface Language {
  readonly locale: string
  /** Words with and without accents are different ones, as in Vietnamese: all here is written with them. A word typed
   * without accents is read as any of those that it may be. */
  readonly accents?: true
  /** Said alone, it is an opt-out whatever the patron's language; a request to begin again; one for help. */
  readonly stop: string
  readonly start: string
  readonly help: string
  /** Opt-outs said alone that are ordinary words elsewhere: for patrons of this language only. */
  readonly local?: string
  /** Typed without accents it can only mean the opt-out. */
  readonly typed?: string
  /** Of `stop`, what is so also beside other sentences: not "end". */
  readonly plain?: string
  /** Mistyped, and no other word. Long ones are found without being listed. */
  readonly mistyped?: { readonly stop?: string; readonly help?: string }
  /** What is said before and after and changes nothing: "please". Without accents. */
  readonly courtesy: string
  /** What is said before a bare word only, and changes nothing: "I said". Without accents. */
  readonly opening: string
  /** What makes a request of a question or of a wish: "can you", "how do I". */
  readonly asking: string
  readonly please: string
  readonly words: Words
  /** Kinds of messages. `messages`: there is nothing but messages of it. `news`: mostly. `things`: "stop my hold" is of the hold;
   * `named`: things too, but "STOP HOLDS" is of the messages. */
  readonly kinds: readonly (readonly [scope: string, of: 'messages' | 'news' | 'things' | 'named', names: string])[]
}

/** What a request is made of. `requests` in requests.ts says which of these together are one. */
export interface Words {
  /** "stop", "quit": of what follows. */
  readonly cease?: string
  /** "unsubscribe", "opt out": enough by itself where nothing else is named. */
  readonly leave?: string
  /** "cancel", "turn off": of things too. */
  readonly cancel?: string
  /** "don't": before what one does. */
  readonly not?: string
  /** "no", "not any": before a thing, or too weak to stand for a demand. */
  readonly no?: string
  /** Both "no" and "more": French "plus". */
  readonly never?: string
  /** Both "not" and "send": French "n’envoyez". */
  readonly neverSend?: string
  /** "no need": both not and wanted. */
  readonly unneeded?: string
  /** "to text", "to contact": done to nobody but the patron. */
  readonly write?: string
  /** Both "write" and "texts": "text", "sms". */
  readonly text?: string
  /** "To call": "don't call, text me" is none. */
  readonly call?: string
  /** "to send": of things too. */
  readonly send?: string
  readonly want?: string
  /** "get", "receive": not as told, "I got". */
  readonly get?: string
  readonly texts?: string
  readonly me?: string
  /** "my number", "this phone". */
  readonly number?: string
  /** "take off", "delete": of a number or a person. */
  readonly drop?: string
  /** With "me" in it: Spanish "quítenme". */
  readonly dropMe?: string
  /** Both "drop" and "cancel": "remove". */
  readonly remove?: string
  readonly list?: string
  /** "revoke", "object to". */
  readonly revoke?: string
  readonly consent?: string
  /** "anymore", "again". */
  readonly more?: string
  /** "it", "anything", "this": stands for what was named. */
  readonly it?: string
  /** Both "it" and "more": "anything". */
  readonly anything?: string
  /** Complete requests: "leave me alone". */
  readonly alone?: string
  /** Threats: with "again" or "if" and a text it is a demand. */
  readonly threat?: string
  /** "wrong number": a bare "stop it" beside it is of texts. */
  readonly wrong?: string
  /** What else may be stopped: "hold", "booking", "bus stop", titles. */
  readonly things?: string
  /** Things that one signs up for: "can't come to the class, remove me" is of it. */
  readonly groups?: string
  /** "why", "if", "did": what follows is asked about, supposed or told. */
  readonly asked?: string
  /** "when", "before", "at night": not at all, but not then. */
  readonly limits?: string
  /** "I got", "you have": what follows is so, and not asked for. */
  readonly told?: string
  /** "You": stops by itself, "you don't text me". */
  readonly you?: string
  /** Who else may do it: "they", "the kids". */
  readonly others?: string
  /** "I": does not ask itself to stop. */
  readonly i?: string
  /** "miss", "forget": not to is to get them still. */
  readonly miss?: string
  /** "keep sending": not to is to stop. */
  readonly keep?: string
  /** "don't cancel", "hate it if you": the same in one. */
  readonly dontStop?: string
  /** "still getting", "three times": a complaint. */
  readonly still?: string
  /** "but", "because": begins something else. */
  readonly but?: string
  /** "but", "although", "never mind": takes back what was only `meant`. */
  readonly yet?: string
  /** "I wanted to": a request, unless `yet` follows. */
  readonly meant?: string
  /** "I texted", "it says": a bare word after it is told of, and asks for it only where a complaint follows. */
  readonly sent?: string
  /** Told with its word: "STOP geschickt", "I unsubscribed". */
  readonly reported?: string
  readonly and?: string
  /** Makes a question without a question mark, as 吗 does. */
  readonly question?: string
  /** Both "list" and "from": English "off". */
  readonly off?: string
  /** "from": of what no list knows, it is something else to leave than texts. */
  readonly of?: string
  /** "the", "a": says nothing. */
  readonly little?: string
}
