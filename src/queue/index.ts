/** `mapfile/queue`: bounded queues between processes. */

export type { Delivery } from './delivery.ts';
export type { QueueShape } from './format.ts';
export type { MessageClass, MessageCodec } from './message-form.ts';
export type { MessageOwnership } from './ownership.ts';
export type { CreateQueueOptions, Messages, QueueOptions } from './queue-place.ts';
export type { QueueStats } from './queue-stats.ts';
export { type BytesQueue, RingQueue } from './ring-queue.ts';
export type { Slot } from './slot.ts';
