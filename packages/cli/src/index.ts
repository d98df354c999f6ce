export { type AnyPrm, type Carrier, type Config, config, env, type Host } from './config.ts'
