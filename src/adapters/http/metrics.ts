/** How many requests each route answered, and how. */
export type RequestCounts = {
  readonly count: (method: string, route: string, status: number, seconds: number) => void
  /** In the Prometheus text format. */
  readonly text: () => string
}

export const requestCounts = (uptimeSeconds: () => number): RequestCounts => {
  const counts = new Map<string, { requests: number; seconds: number }>()
  return {
    count: (method, route, status, seconds) => {
      const labels = `method="${method}",route="${route}",status="${status}"`
      const line = counts.get(labels) ?? { requests: 0, seconds: 0 }
      counts.set(labels, { requests: line.requests + 1, seconds: line.seconds + seconds })
    },
    text: () =>
      [
        '# TYPE ticketing_up gauge',
        'ticketing_up 1',
        '# TYPE ticketing_uptime_seconds gauge',
        `ticketing_uptime_seconds ${uptimeSeconds().toFixed(3)}`,
        '# TYPE ticketing_http_requests_total counter',
        ...[...counts].map(([labels, { requests }]) => `ticketing_http_requests_total{${labels}} ${requests}`),
        '# TYPE ticketing_http_seconds_total counter',
        ...[...counts].map(([labels, { seconds }]) => `ticketing_http_seconds_total{${labels}} ${seconds.toFixed(6)}`),
        '',
      ].join('\n'),
  }
}
