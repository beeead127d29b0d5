package io.datawarehouse.plugin.compression;

import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.sdk.transform.FrameDecoder;
import io.datawarehouse.sdk.transform.FrameEncoder;
import io.datawarehouse.sdk.transform.FramePlace;
import io.datawarehouse.sdk.transform.StageOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The gzip format (RFC 1952) with levels: a frame is one member of it. Thread-safe. */
final class GzipTransformer implements ContentTransformer {

  static final int LEAST_LEVEL = 1;
  static final int MOST_LEVEL = 9;
  static final int USUAL_LEVEL = 6;

  private static final Set<String> LEVELS = Levels.names(LEAST_LEVEL, MOST_LEVEL);

  /** Magic, deflate, no flags, no time, no hint, system unknown. */
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  private static final int TRAILER_BYTES = 8;

  /** Deflate adds 5 bytes to each block that it cannot shrink; the smallest block is far larger. */
  private static final int BLOCK_BYTES = 1024;

  private volatile int defaultLevel = USUAL_LEVEL;

  void defaultLevel(int level) {
    defaultLevel = level;
  }

  @Override
  public String id() {
    return "gzip";
  }

  @Override
  public Kind kind() {
    return Kind.COMPRESSION;
  }

  @Override
  public Set<String> variants() {
    return LEVELS;
  }

  @Override
  public int mostEncodedBytes(int length) {
    return HEADER.length + length + 5 * (length / BLOCK_BYTES + 2) + TRAILER_BYTES;
  }

  @Override
  public FrameEncoder newEncoder(StageOptions options) {
    return new Encoder(options.variant().map(Integer::parseInt).orElse(defaultLevel));
  }

  @Override
  public FrameDecoder newDecoder(StageOptions options) {
    return new Decoder();
  }

  private static final class Encoder implements FrameEncoder {

    private final Deflater deflater;
    private final CRC32 crc = new CRC32();

    Encoder(int level) {
      deflater = new Deflater(level, true);
    }

    @Override
    public void encode(FramePlace place, ByteBuffer source, ByteBuffer target) {
      int length = source.remaining();
      crc.reset();
      crc.update(source.duplicate());
      target.put(HEADER);
      deflater.reset();
      deflater.setInput(source);
      deflater.finish();
      while (!deflater.finished()) {
        if (deflater.deflate(target) == 0 && !target.hasRemaining()) {
          throw new IllegalStateException("deflating gave more than " + length + " bytes allow");
        }
      }
      target.order(ByteOrder.LITTLE_ENDIAN).putInt((int) crc.getValue()).putInt(length);
      target.order(ByteOrder.BIG_ENDIAN);
    }

    @Override
    public void close() {
      deflater.end();
    }
  }

  private static final class Decoder implements FrameDecoder {

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();

    @Override
    public void decode(FramePlace place, ByteBuffer source, ByteBuffer target) {
      int begin = target.position();
      requireHeader(source);
      inflater.reset();
      inflater.setInput(source);
      try {
        while (!inflater.finished()) {
          if (inflater.inflate(target) == 0 && !inflater.finished()) {
            throw Damaged.of("gzip", "it does not end where it should", null);
          }
        }
      } catch (DataFormatException e) {
        throw Damaged.of("gzip", e.getMessage(), e);
      }
      requireTrailer(source, target.duplicate().flip().position(begin));
    }

    private static void requireHeader(ByteBuffer source) {
      boolean fits = source.remaining() > HEADER.length + TRAILER_BYTES;
      for (int i = 0; fits && i < HEADER.length; i++) {
        fits = source.get() == HEADER[i];
      }
      if (!fits) {
        throw Damaged.of("gzip", "it does not begin as it should", null);
      }
    }

    private void requireTrailer(ByteBuffer source, ByteBuffer content) {
      int length = content.remaining();
      crc.reset();
      crc.update(content);
      boolean fits = source.remaining() == TRAILER_BYTES;
      source.order(ByteOrder.LITTLE_ENDIAN);
      if (!fits || source.getInt() != (int) crc.getValue() || source.getInt() != length) {
        throw Damaged.of("gzip", "it does not have its checksum", null);
      }
    }

    @Override
    public void close() {
      inflater.end();
    }
  }
}
