package io.datawarehouse.plugin.rocksdb;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A content file, big-endian:
 *
 * <pre>
 *  header   magic 8 | format 4 | frame size 4 | id 8 | zero 4 | CRC32C of these 4
 *  frames   one after the other, each as it is stored
 *  index    per frame: offset 8 | stored length 4 | CRC32C of id, number, stored bytes 4
 *  trailer  offset of the index 8 | frames 8 | content length 8 | id 8 | zero 4
 *           | CRC32C of these 4 | magic 8
 * </pre>
 *
 * <p>The index says where a frame lies, so a reader needs one more read for any place in the
 * content, also once frames are stored in fewer bytes than they hold. It needs no checksum of its
 * own: an entry that is wrong leads to bytes that do not have the frame's checksum.
 */
final class ContentFileFormat {

  static final int FORMAT = 1;
  static final int HEADER_BYTES = 32;
  static final int ENTRY_BYTES = 16;
  static final int TRAILER_BYTES = 48;

  private static final long HEADER_MAGIC = 0x44_57_42_4C_4F_42_0D_0AL;
  private static final long TRAILER_MAGIC = 0x44_57_42_45_4E_44_0D_0AL;
  private static final int HEADER_CHECKED = HEADER_BYTES - 4;
  private static final int TRAILER_CHECKED = 36;

  private ContentFileFormat() {}

  /**
   * What the trailer says.
   *
   * @param indexOffset where the index begins
   * @param frames how many frames there are
   * @param length how many bytes of content
   */
  record Trailer(long indexOffset, long frames, long length) {}

  /**
   * Where a frame lies.
   *
   * @param offset its first byte in the file
   * @param storedLength how many bytes it takes there
   * @param checksum what they must have
   */
  record Entry(long offset, int storedLength, int checksum) {}

  static ByteBuffer header(long id, int frameBytes) {
    ByteBuffer header =
        ByteBuffer.allocate(HEADER_BYTES)
            .putLong(HEADER_MAGIC)
            .putInt(FORMAT)
            .putInt(frameBytes)
            .putLong(id)
            .putInt(0);
    return header.putInt(checksum(header, HEADER_CHECKED)).flip();
  }

  /** Returns the frame size, or says what is wrong. */
  static int frameBytes(ByteBuffer header, long id) throws MalformedFile {
    if (header.getLong(0) != HEADER_MAGIC) {
      throw new MalformedFile("its file does not begin like a content file");
    }
    if (header.getInt(HEADER_CHECKED) != checksum(header, HEADER_CHECKED)) {
      throw new MalformedFile("the header of its file does not have its checksum");
    }
    if (header.getInt(8) != FORMAT) {
      throw new MalformedFile(
          "its file has format " + header.getInt(8) + ", this version reads up to " + FORMAT);
    }
    if (header.getLong(16) != id || header.getInt(12) <= 0) {
      throw new MalformedFile("its file belongs to other content");
    }
    return header.getInt(12);
  }

  static ByteBuffer trailer(Trailer trailer, long id) {
    ByteBuffer bytes =
        ByteBuffer.allocate(TRAILER_BYTES)
            .putLong(trailer.indexOffset())
            .putLong(trailer.frames())
            .putLong(trailer.length())
            .putLong(id)
            .putInt(0);
    return bytes.putInt(checksum(bytes, TRAILER_CHECKED)).putLong(TRAILER_MAGIC).flip();
  }

  static Trailer trailer(ByteBuffer bytes, long id) throws MalformedFile {
    if (bytes.getLong(40) != TRAILER_MAGIC) {
      throw new MalformedFile("its file does not end like a content file");
    }
    if (bytes.getInt(TRAILER_CHECKED) != checksum(bytes, TRAILER_CHECKED)) {
      throw new MalformedFile("the trailer of its file does not have its checksum");
    }
    if (bytes.getLong(24) != id) {
      throw new MalformedFile("its file belongs to other content");
    }
    return new Trailer(bytes.getLong(0), bytes.getLong(8), bytes.getLong(16));
  }

  static void putEntry(ByteBuffer target, Entry entry) {
    target.putLong(entry.offset()).putInt(entry.storedLength()).putInt(entry.checksum());
  }

  static Entry entry(ByteBuffer source) {
    return new Entry(source.getLong(), source.getInt(), source.getInt());
  }

  /** Returns the checksum of a frame's stored bytes: those that remain, which stay. */
  static int frameChecksum(long id, long number, ByteBuffer stored) {
    CRC32C crc = beginChecksum(id, number);
    crc.update(stored.duplicate());
    return (int) crc.getValue();
  }

  /** Returns the checksum of a frame of which nothing was stored yet. */
  static CRC32C beginChecksum(long id, long number) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(2 * Long.BYTES).putLong(id).putLong(number).flip());
    return crc;
  }

  private static int checksum(ByteBuffer bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate().position(0).limit(length));
    return (int) crc.getValue();
  }

  /** A content file is not as it was written. */
  static final class MalformedFile extends Exception {
    MalformedFile(String message) {
      super(message);
    }
  }
}
