export { type Enclosed, type Mail, plainLines, readMail } from './mail.ts'
export { ownWords } from './reply.ts'
export { type Meaning, meaningOf, statusIn } from './status.ts'
