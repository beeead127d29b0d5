package io.datawarehouse.plugin.compression;

import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.sdk.transform.FrameDecoder;
import io.datawarehouse.sdk.transform.FrameEncoder;
import io.datawarehouse.sdk.transform.FramePlace;
import io.datawarehouse.sdk.transform.StageOptions;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.zip.CRC32C;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * LZ4: less is saved in less time. A frame is one LZ4 block with the CRC32C of its content behind
 * it, because a block alone says nothing of what it was. Thread-safe.
 */
final class Lz4Transformer implements ContentTransformer {

  private static final int CHECKSUM_BYTES = 4;

  private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();
  private final LZ4SafeDecompressor decompressor = LZ4Factory.fastestInstance().safeDecompressor();

  @Override
  public String id() {
    return "lz4";
  }

  @Override
  public Kind kind() {
    return Kind.COMPRESSION;
  }

  @Override
  public Set<String> variants() {
    return Set.of();
  }

  @Override
  public int mostEncodedBytes(int length) {
    return compressor.maxCompressedLength(length) + CHECKSUM_BYTES;
  }

  @Override
  public FrameEncoder newEncoder(StageOptions options) {
    return new Encoder();
  }

  @Override
  public FrameDecoder newDecoder(StageOptions options) {
    return new Decoder();
  }

  private static int checksum(CRC32C crc, byte[] array, int offset, int length) {
    crc.reset();
    crc.update(array, offset, length);
    return (int) crc.getValue();
  }

  private final class Encoder implements FrameEncoder {

    private final CRC32C crc = new CRC32C();

    @Override
    public void encode(FramePlace place, ByteBuffer source, ByteBuffer target) {
      int from = source.arrayOffset() + source.position();
      int count =
          compressor.compress(
              source.array(),
              from,
              source.remaining(),
              target.array(),
              target.arrayOffset() + target.position(),
              target.remaining() - CHECKSUM_BYTES);
      target.position(target.position() + count);
      target.putInt(checksum(crc, source.array(), from, source.remaining()));
      source.position(source.limit());
    }

    @Override
    public void close() {
      // Holds nothing but memory.
    }
  }

  private final class Decoder implements FrameDecoder {

    private final CRC32C crc = new CRC32C();

    @Override
    public void decode(FramePlace place, ByteBuffer source, ByteBuffer target) {
      int block = source.remaining() - CHECKSUM_BYTES;
      if (block < 1) {
        throw Damaged.of("lz4", "it is too short", null);
      }
      int to = target.arrayOffset() + target.position();
      int count = decompress(source, block, target, to);
      int expected = source.getInt(source.position() + block);
      if (checksum(crc, target.array(), to, count) != expected) {
        throw Damaged.of("lz4", "it does not have its checksum", null);
      }
      source.position(source.limit());
      target.position(target.position() + count);
    }

    private int decompress(ByteBuffer source, int block, ByteBuffer target, int to) {
      try {
        return decompressor.decompress(
            source.array(),
            source.arrayOffset() + source.position(),
            block,
            target.array(),
            to,
            target.remaining());
      } catch (LZ4Exception e) {
        throw Damaged.of("lz4", e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      // Holds nothing but memory.
    }
  }
}
