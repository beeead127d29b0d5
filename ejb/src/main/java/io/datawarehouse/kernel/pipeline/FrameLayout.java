package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.message.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/**
 * How encoded content looks in the store, big-endian:
 *
 * <pre>
 *  frames   per frame: length 4 | body, encrypted where the pipeline says so
 *  body     content of the frame, after those compressions that made it shorter
 *           | a bit for each of these compressions 1
 *  index    per frame, where there is more than one: place of its first byte 8
 * </pre>
 *
 * <p>Every frame but the last holds the same number of bytes of content, so the place of any byte
 * is known from two entries of the index, and reading from the beginning needs none. Neither
 * lengths nor index are encrypted or trusted: a wrong one leads to bytes that are no frame.
 *
 * <p>Encryption follows the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online
 * Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015): a frame's nonce is made of
 * its number and of whether it is the last. What is authenticated besides binds the frame to the
 * version (content id), the blob, the pipeline, its number, whether it is the last, and how many
 * bytes of content it holds. So frames cannot be changed, cut off, moved or taken from elsewhere.
 */
final class FrameLayout {

  /** How many bytes of content a frame holds that is written today. */
  static final int FRAME_BYTES = 128 * 1024;

  /**
   * The largest frame that is read, whatever a manifest says: several buffers of that size are
   * taken before anything shows whether it is true.
   */
  static final int MOST_FRAME_BYTES = 1 << 20;

  static final int LENGTH_BYTES = 4;
  static final int MASK_BYTES = 1;
  static final int ENTRY_BYTES = 8;

  private static final int BINDING_BYTES = 32;
  private static final int ASSOCIATED_BYTES = BINDING_BYTES + 8 + 1 + 4;

  private FrameLayout() {}

  /** Returns how many frames content of that size has; empty content has one, which is empty. */
  static long frames(long size, int frameBytes) {
    return size == 0 ? 1 : (size - 1) / frameBytes + 1;
  }

  /** Returns how many bytes of content a frame holds. */
  static int contentBytes(long number, long size, int frameBytes) {
    return (int) Math.min(frameBytes, size - number * frameBytes);
  }

  /** Returns how many bytes the index takes. */
  static long indexBytes(long frames) {
    return frames == 1 ? 0 : frames * ENTRY_BYTES;
  }

  /** Returns what binds all frames of a content to its version and blob. */
  static byte[] binding(BlobKey blob, Bytes contentId, int frameBytes, List<String> pipeline) {
    MessageDigest digest = sha256();
    digest.update(contentId.toArray());
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, frameBytes));
    update(digest, blob.bucket().value());
    update(digest, blob.key());
    pipeline.forEach(name -> update(digest, name));
    return digest.digest();
  }

  /** Every text with its length in front, so that no two lists of texts look the same. */
  private static void update(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  /** Returns room for what is authenticated with each frame, with the binding in it. */
  static byte[] associatedData(byte[] binding) {
    return Arrays.copyOf(binding, ASSOCIATED_BYTES);
  }

  /** Fills in what is different from frame to frame. */
  static void associate(byte[] data, long number, boolean last, int contentBytes) {
    ByteBuffer.wrap(data)
        .position(BINDING_BYTES)
        .putLong(number)
        .put((byte) (last ? 1 : 0))
        .putInt(contentBytes);
  }
}
