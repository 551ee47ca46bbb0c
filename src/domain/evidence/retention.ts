/**
 * What keeps the storage itself from deleting or replacing an object, as the object says when it is asked: `hold` until
 * somebody with the right releases it, `locked` against everybody until a date.
 */
export type Retention = 'none' | 'hold' | 'locked'
