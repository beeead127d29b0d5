package io.datawarehouse.plugin.rocksdb;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Small content with its checksum in front, which is bound to the content's id. */
final class InlineContent {

  static final int CHECKSUM_BYTES = 4;

  private InlineContent() {}

  static byte[] encode(long id, byte[] content, int length) {
    byte[] stored = new byte[CHECKSUM_BYTES + length];
    System.arraycopy(content, 0, stored, CHECKSUM_BYTES, length);
    ByteBuffer.wrap(stored).putInt(0, checksum(id, stored));
    return stored;
  }

  /** Returns whether this is what was stored; the content begins after the checksum. */
  static boolean isSound(long id, byte[] stored, long length) {
    return stored.length == CHECKSUM_BYTES + length
        && ByteBuffer.wrap(stored).getInt(0) == checksum(id, stored);
  }

  private static int checksum(long id, byte[] stored) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, id));
    crc.update(stored, CHECKSUM_BYTES, stored.length - CHECKSUM_BYTES);
    return (int) crc.getValue();
  }
}
