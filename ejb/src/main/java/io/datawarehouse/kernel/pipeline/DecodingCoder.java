package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.transform.FrameDecoder;
import io.datawarehouse.sdk.transform.FramePlace;
import io.datawarehouse.sdk.transform.StageOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes content of what is stored, or finds that it is not what was stored. */
final class DecodingCoder extends FrameCoder {

  private final int frameBytes;
  private final BlobKey blob;
  private final List<FrameDecoder> decompressors = new ArrayList<>();
  private final @Nullable FrameDecoder cipher;

  DecodingCoder(Pipeline pipeline, FramePool pool, ContentSecret secret, BlobKey blob) {
    super(pool, pipeline.mostBytes(secret.frameBytes()), secret.binding());
    this.frameBytes = secret.frameBytes();
    this.blob = blob;
    this.cipher =
        pipeline
            .encryption()
            .map(stage -> stage.transformer().newDecoder(secret.options(stage)))
            .orElse(null);
    for (Pipeline.Stage stage : pipeline.compressions()) {
      decompressors.add(
          stage.transformer().newDecoder(StageOptions.of(stage.variant(), secret.frameBytes())));
    }
  }

  @Override
  void work(Frame frame) {
    try {
      decode(frame);
    } catch (WarehouseException e) {
      throw e.code() == StandardErrorCode.BLOB_CORRUPT
          ? Damage.of(blob, "frame " + frame.number + ": " + e.detail(), e)
          : e;
    }
  }

  private void decode(Frame frame) {
    FramePlace place = placeOf(frame);
    ByteBuffer body = decrypt(place, ByteBuffer.wrap(frame.stored, 0, frame.storedBytes));
    int last = body.limit() - FrameLayout.MASK_BYTES;
    if (last < 0) {
      throw corrupt("it is empty");
    }
    ByteBuffer content = decompress(place, frame, body.get(last), body.limit(last));
    if (content.remaining() != frame.contentBytes) {
      throw corrupt(
          "it holds " + content.remaining() + " bytes of content, not " + frame.contentBytes);
    }
    takeContent(frame, holderOf(content));
  }

  private ByteBuffer decrypt(FramePlace place, ByteBuffer stored) {
    if (cipher == null) {
      return stored;
    }
    ByteBuffer target = scratchBeside(stored);
    cipher.decode(place, stored, target);
    return target.flip();
  }

  private ByteBuffer decompress(FramePlace place, Frame frame, byte mask, ByteBuffer body) {
    int rest = mask & 0xFF;
    if (rest >> decompressors.size() != 0) {
      throw corrupt("it was compressed in a way that its pipeline does not name");
    }
    ByteBuffer current = body;
    for (int i = decompressors.size() - 1; i >= 0; i--) {
      if ((rest & 1 << i) != 0) {
        rest ^= 1 << i;
        ByteBuffer target = rest == 0 ? ByteBuffer.wrap(frame.content) : scratchBeside(current);
        target.limit(rest == 0 ? frame.contentBytes : frameBytes);
        decompressors.get(i).decode(place, current, target);
        current = target.flip();
      }
    }
    return current;
  }

  /** The frame gets the buffer that the content came to lie in; nothing is copied. */
  private void takeContent(Frame frame, byte[] holder) {
    byte[] free = frame.content;
    if (holder == frame.stored) {
      frame.content = holder;
      frame.stored = free;
    } else if (holder != free) {
      exchange(holder, free);
      frame.content = holder;
    }
  }

  private static WarehouseException corrupt(String why) {
    return new WarehouseException(StandardErrorCode.BLOB_CORRUPT, why);
  }

  @Override
  void closeStages() {
    decompressors.forEach(FrameDecoder::close);
    if (cipher != null) {
      cipher.close();
    }
  }
}
