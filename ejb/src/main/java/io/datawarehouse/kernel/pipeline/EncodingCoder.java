package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.transform.FrameEncoder;
import io.datawarehouse.sdk.transform.FramePlace;
import io.datawarehouse.sdk.transform.StageOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes of content what is stored. */
final class EncodingCoder extends FrameCoder {

  private final List<FrameEncoder> compressors = new ArrayList<>();
  private final @Nullable FrameEncoder cipher;

  EncodingCoder(Pipeline pipeline, FramePool pool, ContentSecret secret) {
    super(pool, pipeline.mostBytes(secret.frameBytes()), secret.binding());
    this.cipher =
        pipeline
            .encryption()
            .map(stage -> stage.transformer().newEncoder(secret.options(stage)))
            .orElse(null);
    for (Pipeline.Stage stage : pipeline.compressions()) {
      compressors.add(
          stage.transformer().newEncoder(StageOptions.of(stage.variant(), secret.frameBytes())));
    }
  }

  @Override
  void work(Frame frame) {
    FramePlace place = placeOf(frame);
    ByteBuffer body = compress(place, ByteBuffer.wrap(frame.content, 0, frame.contentBytes));
    ByteBuffer stored = ByteBuffer.wrap(frame.stored).position(FrameLayout.LENGTH_BYTES);
    if (cipher == null) {
      stored.put(body);
    } else {
      cipher.encode(place, body, stored);
    }
    frame.storedBytes = stored.position();
    stored.putInt(0, frame.storedBytes - FrameLayout.LENGTH_BYTES);
  }

  /** Keeps of each compression what is shorter, and appends which ones were kept. */
  private ByteBuffer compress(FramePlace place, ByteBuffer content) {
    ByteBuffer current = content;
    int mask = 0;
    for (int i = 0; i < compressors.size(); i++) {
      ByteBuffer target = scratchBeside(current);
      compressors.get(i).encode(place, current.duplicate(), target);
      target.flip();
      if (target.remaining() < current.remaining()) {
        mask |= 1 << i;
        current = target;
      }
    }
    int end = current.limit();
    return current.limit(end + FrameLayout.MASK_BYTES).put(end, (byte) mask);
  }

  @Override
  void closeStages() {
    compressors.forEach(FrameEncoder::close);
    if (cipher != null) {
      cipher.close();
    }
  }
}
