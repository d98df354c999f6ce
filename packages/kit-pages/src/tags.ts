/** HTML that cannot be parsed, or not in time: whether it is, and its text all the same. */
import { Parser } from 'htmlparser2'

/** The text of any HTML, in a time that grows with its length: each tag is a space. */
export const withoutTags = (html: string): string => html.replace(/<[a-z/!?][^<>]*>?/gi, ' ')

/** No program that writes mails or pages nests so deep. */
const mostOpen = 500

/**
 * Says whether elements are nested deeper than anybody writes: to parse it, htmlparser2 needs a time that grows with the square
 * of what is open, minutes for 1 MB. It is asked itself: what closes an element, and what only looks so, nobody else tells as it does.
 */
export function tooDeep(html: string): boolean {
  let open = 0
  const parser = new Parser({
    onopentagname() {
      if (++open > mostOpen) parser.pause()
    },
    onclosetag: () => void open--,
  })
  parser.write(html)
  return open > mostOpen
}
