package io.datawarehouse.plugin.compression;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.sdk.transform.FrameDecoder;
import io.datawarehouse.sdk.transform.FrameEncoder;
import io.datawarehouse.sdk.transform.FramePlace;
import io.datawarehouse.sdk.transform.StageOptions;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Zstandard with levels; every frame carries a checksum of its content. Contexts are native and
 * large, so they are kept for the next content. Thread-safe.
 */
final class ZstdTransformer implements ContentTransformer {

  static final int LEAST_LEVEL = 1;
  static final int MOST_LEVEL = 19;
  static final int USUAL_LEVEL = 3;

  private static final Set<String> LEVELS = Levels.names(LEAST_LEVEL, MOST_LEVEL);

  private final IdleObjects<ZstdCompressCtx> compressors =
      new IdleObjects<>(() -> new ZstdCompressCtx().setChecksum(true), ZstdCompressCtx::close);
  private final IdleObjects<ZstdDecompressCtx> decompressors =
      new IdleObjects<>(ZstdDecompressCtx::new, ZstdDecompressCtx::close);
  private volatile int defaultLevel = USUAL_LEVEL;

  void defaultLevel(int level) {
    defaultLevel = level;
  }

  void forgetIdle() {
    compressors.forgetAll();
    decompressors.forgetAll();
  }

  @Override
  public String id() {
    return "zstd";
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
    return (int) Zstd.compressBound(length);
  }

  @Override
  public FrameEncoder newEncoder(StageOptions options) {
    ZstdCompressCtx context = compressors.take();
    context.setLevel(options.variant().map(Integer::parseInt).orElse(defaultLevel));
    return new Encoder(context);
  }

  @Override
  public FrameDecoder newDecoder(StageOptions options) {
    return new Decoder(decompressors.take());
  }

  private final class Encoder implements FrameEncoder {

    private @Nullable ZstdCompressCtx context;

    Encoder(ZstdCompressCtx context) {
      this.context = context;
    }

    @Override
    public void encode(FramePlace place, ByteBuffer source, ByteBuffer target) {
      ZstdCompressCtx open = context;
      if (open == null) {
        throw new IllegalStateException("the encoder was closed");
      }
      int count =
          open.compressByteArray(
              target.array(),
              target.arrayOffset() + target.position(),
              target.remaining(),
              source.array(),
              source.arrayOffset() + source.position(),
              source.remaining());
      source.position(source.limit());
      target.position(target.position() + count);
    }

    @Override
    public void close() {
      if (context != null) {
        compressors.giveBack(context);
        context = null;
      }
    }
  }

  private final class Decoder implements FrameDecoder {

    private @Nullable ZstdDecompressCtx context;

    Decoder(ZstdDecompressCtx context) {
      this.context = context;
    }

    @Override
    public void decode(FramePlace place, ByteBuffer source, ByteBuffer target) {
      ZstdDecompressCtx open = context;
      if (open == null) {
        throw new IllegalStateException("the decoder was closed");
      }
      if (!source.hasRemaining()) {
        throw Damaged.of("zstd", "it is empty", null);
      }
      try {
        int count =
            open.decompressByteArray(
                target.array(),
                target.arrayOffset() + target.position(),
                target.remaining(),
                source.array(),
                source.arrayOffset() + source.position(),
                source.remaining());
        source.position(source.limit());
        target.position(target.position() + count);
      } catch (ZstdException e) {
        throw Damaged.of("zstd", e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      if (context != null) {
        decompressors.giveBack(context);
        context = null;
      }
    }
  }
}
