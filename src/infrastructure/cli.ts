import * as E from 'fp-ts/lib/Either.js'
import { type Logger, pino } from 'pino'
import { version } from '../../package.json' with { type: 'json' }
