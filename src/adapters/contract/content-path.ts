/** The application's own path to a photo or document: it asks for permission, and never expires. */
export const contentPath = (id: string): string => `/api/ticketing/attachments/${id}/content`
