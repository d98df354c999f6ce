import type { Session, Value } from './session.ts'

interface Wish {
  readonly values: readonly Value[]
  resolve(rows: unknown[]): void
  reject(error: unknown): void
}

/** One statement for so many questions, or for the powers of two below: few texts, which the driver keeps prepared. */
const most = 64
const mostTexts = 200

/**
 * Questions of one text that are asked while another is being answered are asked together, as one `union all`: a batch of
 * 500 facts asks for 500 patrons, and fifty workers each for a message, and a statement costs more than the row it reads.
 */
export function together(session: Session): Session {
  const waiting = new Map<string, Wish[]>()
  const texts = new Map<string, string>()
  let answering = false

  async function answer(): Promise<void> {
    for (let next = waiting.entries().next().value; next; next = waiting.entries().next().value) {
      const [sql, wishes] = next
      waiting.delete(sql)
      for (let at = 0, size = most; at < wishes.length; at += size) {
        while (size > wishes.length - at) size /= 2
        await ask(sql, wishes.slice(at, at + size))
      }
    }
    answering = false
  }

  async function ask(sql: string, wishes: readonly Wish[]): Promise<void> {
    const [only, another] = wishes
    try {
      if (only && !another) return only.resolve(await session.all(sql, only.values))
      const rows = await session.all<{ asked: number }>(
        textOf(sql, wishes.length),
        wishes.flatMap(({ values }) => values),
      )
      const answers: unknown[][] = wishes.map(() => [])
      for (const row of rows) answers[row.asked]?.push(row)
      for (const [index, wish] of wishes.entries()) wish.resolve(answers[index] as unknown[])
    } catch (error) {
      for (const wish of wishes) wish.reject(error)
    }
  }

  /** The same text each time, and not one that is equal: of 16 KB, to find it prepared costs as much as to ask. */
  function textOf(sql: string, size: number): string {
    const key = `${size} ${sql}`
    let text = texts.get(key)
    if (text === undefined) {
      if (texts.size >= mostTexts) texts.clear()
      text = Array.from({ length: size }, (_, index) => `select ${index} as asked, * from (${sql}) q`).join(
        ' union all ',
      )
      texts.set(key, text)
    }
    return text
  }

  return {
    ...session,
    all: <Row>(sql: string, values: readonly Value[]) =>
      new Promise<Row[]>((resolve, reject) => {
        const wishes = waiting.get(sql) ?? []
        wishes.push({ values, resolve: resolve as (rows: unknown[]) => void, reject })
        waiting.set(sql, wishes)
        if (answering) return
        answering = true
        queueMicrotask(() => void answer())
      }),
  }
}
