import { parentPort, workerData } from 'node:worker_threads'
import { type Range, verifyRange } from './bundle-range.ts'

parentPort?.postMessage(verifyRange(workerData as Range))
