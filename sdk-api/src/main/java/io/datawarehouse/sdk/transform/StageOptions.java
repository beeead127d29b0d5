package io.datawarehouse.sdk.transform;

import java.util.Objects;
import java.util.Optional;

/** What an encoder or decoder is made with. Immutable but for the key, which the kernel wipes. */
public final class StageOptions {

  private static final byte[] NO_KEY = {};

  private final Optional<String> variant;
  private final int frameBytes;
  private final byte[] key;

  private StageOptions(Optional<String> variant, int frameBytes, byte[] key) {
    this.variant = Objects.requireNonNull(variant, "variant");
    this.frameBytes = frameBytes;
    this.key = key;
  }

  /**
   * Makes options for a stage without a key.
   *
   * @param variant the variant that the pipeline names
   * @param frameBytes the most bytes that a frame has before any stage
   */
  public static StageOptions of(Optional<String> variant, int frameBytes) {
    return new StageOptions(variant, frameBytes, NO_KEY);
  }

  /** Returns these options with a key of 32 bytes, which is not copied. */
  public StageOptions withKey(byte[] newKey) {
    return new StageOptions(variant, frameBytes, newKey);
  }

  /** Returns the variant that the pipeline names; MUST NOT matter for decoding. */
  public Optional<String> variant() {
    return variant;
  }

  /** Returns the most bytes that a frame has before any stage. */
  public int frameBytes() {
    return frameBytes;
  }

  /**
   * Returns the content's own key, 32 bytes: not a copy, valid until the encoder or decoder is
   * closed. MUST NOT be changed, logged or kept any longer.
   *
   * @throws IllegalStateException if the stage has no key
   */
  public byte[] key() {
    if (key.length == 0) {
      throw new IllegalStateException("this stage has no key");
    }
    return key;
  }

  @Override
  public String toString() {
    return "frames of " + frameBytes + " bytes" + variant.map(name -> ", " + name).orElse("");
  }
}
