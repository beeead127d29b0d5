package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.kernel.peer.EncodedFrame;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * What one gRPC message carries: to be sent, parts that are written one after the other, read while
 * the message is being sent and not kept; received, the bytes that came, which are the transport's
 * own and gone when the callback that brought the parcel has returned.
 */
final class Parcel {

  static final Marshaller<Parcel> MARSHALLER = new ParcelMarshaller();

  private static final int GATHERED = 16 << 10;
  private static final int LONGEST_NUMBER = 5;

  private final byte[] bytes;
  private final int length;
  private final List<EncodedFrame> frames;
  private final InputStream received;

  private Parcel(byte[] bytes, int length, List<EncodedFrame> frames, InputStream received) {
    this.bytes = bytes;
    this.length = length;
    this.frames = frames;
    this.received = received;
  }

  /** Makes a parcel of the beginning of an array. */
  static Parcel of(byte[] bytes, int length) {
    return new Parcel(bytes, length, List.of(), InputStream.nullInputStream());
  }

  /**
   * Makes a parcel of frames, in the form of a plain batch; nothing is copied before it is sent.
   */
  static Parcel ofFrames(List<EncodedFrame> frames, int bytes) {
    int length = 1 + bytes;
    for (EncodedFrame frame : frames) {
      length += lengthOfNumber(frame.length());
    }
    return new Parcel(new byte[0], length, frames, InputStream.nullInputStream());
  }

  /** Returns how many bytes it carries. */
  int length() {
    return length;
  }

  /**
   * Returns what came, all of which is there: reading it never waits. To be read once, within the
   * callback that brought the parcel.
   */
  InputStream received() {
    return received;
  }

  /** Returns what came as an array, in place of {@link #received()}. */
  byte[] receivedBytes() {
    byte[] copy = new byte[length];
    try {
      if (received.readNBytes(copy, 0, length) < length) {
        throw new EOFException();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return copy;
  }

  private static int lengthOfNumber(int value) {
    return (38 - Integer.numberOfLeadingZeros(value | 1)) / 7;
  }

  private void writeTo(OutputStream out) throws IOException {
    if (frames.isEmpty()) {
      out.write(bytes, 0, length);
      return;
    }
    // Each write to the transport's buffers costs more than copying a small frame.
    byte[] gathered = new byte[Math.min(LONGEST_NUMBER + length, GATHERED)];
    int at = 1;
    for (EncodedFrame frame : frames) {
      int rest = frame.length();
      if (at + LONGEST_NUMBER + rest > gathered.length) {
        out.write(gathered, 0, at);
        at = 0;
      }
      while (rest >= 0x80) {
        gathered[at++] = (byte) (rest & 0x7f | 0x80);
        rest >>>= 7;
      }
      gathered[at++] = (byte) rest;
      if (at + frame.length() <= gathered.length) {
        at = frame.copyTo(gathered, at);
      } else {
        out.write(gathered, 0, at);
        at = 0;
        frame.writeTo(out);
      }
    }
    out.write(gathered, 0, at);
  }

  private static final class ParcelMarshaller implements Marshaller<Parcel> {

    @Override
    public InputStream stream(Parcel parcel) {
      return new ParcelStream(parcel);
    }

    @Override
    public Parcel parse(InputStream in) {
      try {
        return new Parcel(new byte[0], in.available(), List.of(), in);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Hands the parcel over in one go; read byte by byte only where the transport insists. */
  private static final class ParcelStream extends InputStream implements Drainable, KnownLength {

    private Parcel parcel;
    private boolean drained;
    private InputStream copy = InputStream.nullInputStream();

    ParcelStream(Parcel parcel) {
      this.parcel = parcel;
    }

    @Override
    public int drainTo(OutputStream out) throws IOException {
      drained = true;
      parcel.writeTo(out);
      return parcel.length;
    }

    @Override
    public int available() throws IOException {
      return drained ? copy.available() : parcel.length;
    }

    @Override
    public int read() throws IOException {
      return copied().read();
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
      return copied().read(target, offset, count);
    }

    private InputStream copied() throws IOException {
      if (!drained) {
        java.io.ByteArrayOutputStream whole = new java.io.ByteArrayOutputStream(parcel.length);
        drainTo(whole);
        copy = new ByteArrayInputStream(whole.toByteArray());
      }
      return copy;
    }
  }
}
