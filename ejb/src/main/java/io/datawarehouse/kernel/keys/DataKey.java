package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.blob.WrappedKey;
import java.util.Arrays;
import java.util.Objects;

/**
 * One data key in the open, for as long as content is written or read. Closing wipes it; it never
 * shows itself. Thread-safe as far as {@link #material()} is not used while it is closed.
 */
public final class DataKey implements AutoCloseable {

  /** How many bytes a key has. */
  public static final int LENGTH = 32;

  private final byte[] material;
  private final WrappedKey wrapped;
  private volatile boolean closed;

  /**
   * Takes the material over: the caller neither keeps nor changes it.
   *
   * @param material 32 bytes
   * @param wrapped the same key as it may be stored
   */
  public DataKey(byte[] material, WrappedKey wrapped) {
    if (material.length != LENGTH) {
      throw new IllegalArgumentException("a data key has " + LENGTH + " bytes");
    }
    this.material = material;
    this.wrapped = Objects.requireNonNull(wrapped, "wrapped");
  }

  /** Returns the key itself, not a copy; zeros after {@link #close()}, so it is not used then. */
  public byte[] material() {
    if (closed) {
      throw new IllegalStateException("the data key was closed");
    }
    return material;
  }

  /** Returns the key as it may be stored. */
  public WrappedKey wrapped() {
    return wrapped;
  }

  /** Wipes the key. Does nothing the second time. */
  @Override
  public void close() {
    closed = true;
    Arrays.fill(material, (byte) 0);
  }

  @Override
  public String toString() {
    return "a data key";
  }
}
