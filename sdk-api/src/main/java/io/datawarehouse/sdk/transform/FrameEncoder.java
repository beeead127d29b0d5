package io.datawarehouse.sdk.transform;

import java.nio.ByteBuffer;

/** Encodes frames of one content, in any order. Confined to one thread at a time. */
public interface FrameEncoder extends AutoCloseable {

  /**
   * Encodes all that remains in the source to the target, from its position on, and moves both
   * positions. Both buffers have an array, do not overlap, and the target has room for {@link
   * ContentTransformer#mostEncodedBytes(int)}. It SHOULD allocate nothing that grows with the
   * frame.
   */
  void encode(FramePlace place, ByteBuffer source, ByteBuffer target);

  /** Gives back what encoding needed, and wipes keys. Does nothing the second time. */
  @Override
  void close();
}
