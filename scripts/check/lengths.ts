// How long files and functions are: comes in as source, goes out as one entry a file and a function, with its place.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './packages.ts'

export interface Length {
  readonly lines: number
  /** `packages/core/src/send/send.ts`, of a function with its line and name: `….ts:12 send`. */
  readonly place: string
}

export const linesOf = (file: string): number => readFileSync(join(root, file), 'utf8').split('\n').length - 1

/** The functions of a file, those within others included: each from its first line to its last. */
export function functionsOf(file: string, source: string = readFileSync(join(root, file), 'utf8')): readonly Length[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
  const found: Length[] = []
  const lineOf = (position: number): number => parsed.getLineAndCharacterOfPosition(position).line + 1
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const begins = lineOf(node.getStart(parsed))
      found.push({ lines: lineOf(node.end) - begins + 1, place: `${file}:${begins} ${nameOf(node)}`.trim() })
    }
    ts.forEachChild(node, visit)
  }
  visit(parsed)
  return found
}

/** Its own name, or that of the variable or property that holds it. */
function nameOf({ name, parent }: ts.SignatureDeclaration): string {
  const held = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name : undefined
  return (name ?? held)?.getText() ?? ''
}

export const longest = (lengths: readonly Length[]): Length =>
  lengths.reduce((most, one) => (one.lines > most.lines ? one : most), { lines: 0, place: 'none' })
