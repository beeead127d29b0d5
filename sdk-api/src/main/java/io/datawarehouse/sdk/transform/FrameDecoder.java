package io.datawarehouse.sdk.transform;

import java.nio.ByteBuffer;

/** Decodes frames of one content, in any order. Confined to one thread at a time. */
public interface FrameDecoder extends AutoCloseable {

  /**
   * Decodes all that remains in the source to the target, from its position on, and moves both
   * positions. Both buffers have an array and do not overlap. It SHOULD allocate nothing that grows
   * with the frame.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code BLOB_CORRUPT} if the source is not
   *     what was encoded at that place, or decodes to more than the target has room for; what the
   *     target then holds is not used
   */
  void decode(FramePlace place, ByteBuffer source, ByteBuffer target);

  /** Gives back what decoding needed, and wipes keys. Does nothing the second time. */
  @Override
  void close();
}
