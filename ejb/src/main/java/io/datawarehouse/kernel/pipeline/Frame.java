package io.datawarehouse.kernel.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * One frame on its way: its content in one buffer, what is stored of it in the other. Owned by one
 * thread at a time, which {@link FrameLane} sees to.
 */
final class Frame {

  byte[] content;
  byte[] stored;
  long number;
  boolean last;
  int contentBytes;

  /** How much of the other buffer is used; when writing that begins with the length. */
  int storedBytes;

  // The lane's, guarded by it.
  boolean worked;
  boolean digested;
  @Nullable Throwable failure;

  Frame(byte[] content, byte[] stored) {
    this.content = content;
    this.stored = stored;
  }
}
