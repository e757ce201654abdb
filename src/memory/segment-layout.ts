/**
 * What stands behind the data of a segment. The data starts at offset 0, byte for byte as its owner wants it; everything
 * of ours is found from the END, whatever length an opener believes in:
 *
 *     0                 byteLength                                                    total (a multiple of the page)
 *     ├─ data ──────────┼─ zeros ─┼─ layout ─┼─ undo ─┼─ control ─┼─ footer (64 bytes) ─┤
 *
 * Each of the three sections is optional and starts at a multiple of 64. All numbers are little-endian on every host.
 *
 *     footer  0       8           16          24          32           36            40
 *             ├ byteLength ┼ undoOffset ┼ undoLength ┼ layoutOffset ┼ layoutLength ┼ controlLength ┤
 *             40     41      42         44         48          52        56          64
 *             ┼ kind ┼ flags ┼ home ────┼ instance ┼ checksum ┼ version ┼ "mapfile\0" ┤
 *
 * Golden bytes: test/memory/footer.test.ts.
 */

export const FOOTER_LENGTH = 64;
/** Sections start at multiples of this (a cache line), and so does the footer. */
export const SECTION_ALIGNMENT = 64;

/** u64: exact length of the data. */
export const DATA_LENGTH = 0;
/** u64 each: where the undo copy stands, counted from byte 0 of the segment; its length, 0 if there is none. */
export const UNDO_OFFSET = 8;
export const UNDO_LENGTH = 16;
/** u64, u32: the creator's layout table. */
export const LAYOUT_OFFSET = 24;
export const LAYOUT_LENGTH = 32;
/** u32: the control words end where the footer starts. */
export const CONTROL_LENGTH = 36;
/** u8: an index of {@link KINDS}. */
export const KIND = 40;
/** u8: bit 0: the name outlives its holders. Bit 1: made for other users too. */
export const FLAGS = 41;
/** u16: of the segment's origin key, which a copy of the file does not have; 0 in a file or a view. */
export const HOME = 42;
/** u32: random; tells one segment from its successor under the same name. */
export const INSTANCE = 44;
/** u32: FNV-1a over bytes 0 to 47 and 52 to 63. */
export const CHECKSUM = 48;
/** u32 */
export const VERSION = 52;
/** u64: `mapfile\0`, the last eight bytes of the segment. */
export const MAGIC = 56;

export const FORMAT_VERSION = 1;
/** "mapf", "ile\0" read as little-endian u32. */
export const MAGIC_LOW = 0x6670616d;
export const MAGIC_HIGH = 0x00656c69;
export const FLAG_PERSISTENT = 1;
/** Users other than the creator may write: their threads meet in everyone's registry of participants. */
export const FLAG_EVERYONE = 2;

/** What a segment stands for; on POSIX named locks and events are segments too. */
export const KINDS = ['section', 'mutex', 'event', 'semaphore'] as const;
