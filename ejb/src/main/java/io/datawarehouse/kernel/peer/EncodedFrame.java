package io.datawarehouse.kernel.peer;

import io.datawarehouse.sdk.message.Bytes;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;

/**
 * A frame in its form on the wire, to be written once more: into the transport's buffers. A large
 * payload at its end is not copied before that. Immutable; the array that it was made of must not
 * be changed.
 */
public final class EncodedFrame {

  private final byte[] head;
  private final int headLength;
  private final Bytes body;

  private EncodedFrame(byte[] head, int headLength, Bytes body) {
    this.head = Objects.requireNonNull(head, "head");
    this.headLength = Objects.checkIndex(headLength, head.length + 1);
    this.body = Objects.requireNonNull(body, "body");
  }

  /** Makes one of all its bytes. */
  public static EncodedFrame of(byte[] bytes) {
    return new EncodedFrame(bytes, bytes.length, Bytes.empty());
  }

  /** Makes one of the first bytes of an array and the payload that follows. */
  static EncodedFrame of(byte[] head, int headLength, Bytes body) {
    return new EncodedFrame(head, headLength, body);
  }

  /** Returns how many bytes it has. */
  public int length() {
    return headLength + body.size();
  }

  /** Writes it. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(head, 0, headLength);
    if (body.size() > 0) {
      body.asInputStream().transferTo(out);
    }
  }

  /** Copies it into an array that has room for it; returns where it ends there. */
  public int copyTo(byte[] target, int at) {
    System.arraycopy(head, 0, target, at, headLength);
    if (body.size() > 0) {
      body.asByteBuffer().get(target, at + headLength, body.size());
    }
    return at + length();
  }

  /** Returns all its bytes. */
  public byte[] toBytes() {
    byte[] bytes = Arrays.copyOf(head, length());
    if (body.size() > 0) {
      body.asByteBuffer().get(bytes, headLength, body.size());
    }
    return bytes;
  }
}
