package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.transform.FramePlace;
import java.nio.ByteBuffer;

/**
 * Takes frames through the stages of a pipeline, one at a time. Confined to one thread at a time.
 */
abstract class FrameCoder implements AutoCloseable {

  private final FramePool pool;
  private final int bufferBytes;
  private final byte[] associatedData;
  private final byte[][] scratch = new byte[2][];

  /**
   * Makes a coder.
   *
   * @param pool where buffers come from
   * @param bufferBytes the most that a buffer has to take
   * @param binding what binds all frames to their content
   */
  FrameCoder(FramePool pool, int bufferBytes, byte[] binding) {
    this.pool = pool;
    this.bufferBytes = bufferBytes;
    this.associatedData = FrameLayout.associatedData(binding);
    this.scratch[0] = pool.take(bufferBytes);
    this.scratch[1] = pool.take(bufferBytes);
  }

  /** Fills the other side of the frame. */
  abstract void work(Frame frame);

  final FramePlace placeOf(Frame frame) {
    FrameLayout.associate(associatedData, frame.number, frame.last, frame.contentBytes);
    return new FramePlace(frame.number, frame.last, associatedData);
  }

  /** Returns a buffer of the coder's own other than the one that is in use. */
  final ByteBuffer scratchBeside(ByteBuffer used) {
    return ByteBuffer.wrap(holderOf(used) == scratch[0] ? scratch[1] : scratch[0]);
  }

  /** Returns the whole buffer that is used. */
  @SuppressWarnings("ByteBufferBackingArray")
  static byte[] holderOf(ByteBuffer used) {
    if (used.arrayOffset() != 0) {
      throw new IllegalArgumentException("a part of a buffer is not its holder");
    }
    return used.array();
  }

  /** Takes a buffer in place of one of the coder's own. */
  final void exchange(byte[] own, byte[] other) {
    scratch[own == scratch[0] ? 0 : 1] = other;
  }

  final int bufferBytes() {
    return bufferBytes;
  }

  /** Gives the buffers back, and what the stages hold. */
  @Override
  public void close() {
    pool.giveBack(scratch[0]);
    pool.giveBack(scratch[1]);
    closeStages();
  }

  abstract void closeStages();
}
