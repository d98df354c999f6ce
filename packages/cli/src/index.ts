export { type AnyPrm, type Carrier, type Config, config, env } from './config.ts'
