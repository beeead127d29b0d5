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
  private final Bytes body;

  private EncodedFrame(byte[] head, Bytes body) {
    this.head = Objects.requireNonNull(head, "head");
    this.body = Objects.requireNonNull(body, "body");
  }

  /** Makes one of all its bytes. */
  public static EncodedFrame of(byte[] bytes) {
    return new EncodedFrame(bytes, Bytes.empty());
  }

  /** Makes one of its beginning and the payload that follows. */
  static EncodedFrame of(byte[] head, Bytes body) {
    return new EncodedFrame(head, body);
  }

  /** Returns how many bytes it has. */
  public int length() {
    return head.length + body.size();
  }

  /** Writes it. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(head);
    if (body.size() > 0) {
      body.asInputStream().transferTo(out);
    }
  }

  /** Copies it into an array; returns where it ends there. */
  int copyTo(byte[] target, int at) {
    System.arraycopy(head, 0, target, at, head.length);
    body.asByteBuffer().get(target, at + head.length, body.size());
    return at + length();
  }

  /** Returns all its bytes. */
  public byte[] toBytes() {
    if (body.size() == 0) {
      return head;
    }
    byte[] bytes = Arrays.copyOf(head, length());
    body.asByteBuffer().get(bytes, head.length, body.size());
    return bytes;
  }
}
