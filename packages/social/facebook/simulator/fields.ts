/** `id,from,comments.filter(stream).limit(100){id,message}`, as the Graph API takes it ("Field Expansion"). */
export interface Field {
  readonly args: { readonly [name: string]: string }
  readonly fields: Fields
}
export type Fields = ReadonlyMap<string, Field>

export function fieldsIn(text: string): Fields {
  let at = 0
  const level = (): Fields => {
    const found = new Map<string, Field>()
    while (at < text.length && text[at] !== '}') {
      const [whole, name = '', rest = ''] = /^([a-z_]+)((?:\.[a-z]+\([^)]*\))*)/.exec(text.slice(at)) ?? []
      if (whole === undefined) throw new SyntaxError(`at ${at}`)
      at += whole.length
      const args = Object.fromEntries(
        [...rest.matchAll(/\.([a-z]+)\(([^)]*)\)/g)].map(([, key = '', value = '']) => [key, value]),
      )
      let fields: Fields = new Map()
      if (text[at] === '{') {
        at++
        fields = level()
        at++
      }
      found.set(name, { args, fields })
      if (text[at] === ',') at++
    }
    return found
  }
  return level()
}
