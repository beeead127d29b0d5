package io.datawarehouse.kernel.peer;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Several frames as one message of the transport: an octet that tells the form, then the frames,
 * each after its length. Where the form is 1 they are compressed with zstd, after the number of
 * bytes that they were. Immutable.
 */
public final class Batch {

  private static final int PLAIN = 0;
  private static final int ZSTD = 1;
  private static final int ZSTD_LEVEL = 1;

  private Batch() {}

  /**
   * Joins frames.
   *
   * @param frames the frames
   * @param bytes how many bytes they have together
   */
  public static byte[] join(List<EncodedFrame> frames, int bytes) {
    byte[] joined = new byte[1 + bytes + frames.size() * 5];
    int at = 1;
    for (EncodedFrame frame : frames) {
      int rest = frame.length();
      while (rest >= 0x80) {
        joined[at++] = (byte) (rest & 0x7f | 0x80);
        rest >>>= 7;
      }
      joined[at++] = (byte) rest;
      at = frame.copyTo(joined, at);
    }
    return at == joined.length ? joined : Arrays.copyOf(joined, at);
  }

  /** Returns the same compressed, or the argument where that would not make it clearly shorter. */
  public static byte[] compress(byte[] plain) {
    WireWriter head = new WireWriter(8);
    head.octet(ZSTD);
    head.number(plain.length - 1);
    byte[] prefix = head.toBytes();
    // With room for the worst: where the room ends early, the library throws.
    byte[] packed = new byte[prefix.length + (int) Zstd.compressBound(plain.length)];
    System.arraycopy(prefix, 0, packed, 0, prefix.length);
    long size =
        Zstd.compressByteArray(
            packed,
            prefix.length,
            packed.length - prefix.length,
            plain,
            1,
            plain.length - 1,
            ZSTD_LEVEL);
    boolean shorter = size > 0 && prefix.length + size < plain.length - plain.length / 8;
    return shorter ? Arrays.copyOf(packed, prefix.length + (int) size) : plain;
  }

  /**
   * Takes a batch apart, one frame after the other. A long payload goes from the stream to where it
   * stays; nothing else of the batch is kept.
   *
   * @param batch has the batch, and is read to its end
   * @param length how many bytes that is
   * @param mostBytes how many bytes it may have when it is not compressed any more
   * @param codec reads the frames
   * @param taker gets them
   * @throws MalformedFrame where it is not of this form, or longer
   */
  public static void read(
      InputStream batch,
      int length,
      int mostBytes,
      FrameCodec codec,
      Consumer<? super PeerFrame> taker) {
    WireReader in = opened(new WireReader(batch, length), mostBytes);
    while (in.hasMore()) {
      in.enter();
      PeerFrame frame = codec.decode(in);
      in.leave();
      taker.accept(frame);
    }
  }

  /** Returns a reader of the frames. */
  private static WireReader opened(WireReader in, int mostBytes) {
    int form = in.octet();
    if (form == PLAIN) {
      return in;
    }
    if (form != ZSTD) {
      throw new MalformedFrame("a batch of form " + form);
    }
    long size = in.number();
    if (size > mostBytes) {
      throw new MalformedFrame("a batch of " + size + " bytes");
    }
    byte[] plain = unpacked(in.rest(), (int) size);
    return new WireReader(plain, 0, plain.length);
  }

  private static byte[] unpacked(byte[] packed, int size) {
    byte[] plain = new byte[size];
    try {
      if (Zstd.decompress(plain, packed) != size) {
        throw new MalformedFrame("a batch of another length than it says");
      }
      return plain;
    } catch (ZstdException e) {
      MalformedFrame malformed = new MalformedFrame("a batch that cannot be decompressed");
      malformed.initCause(e);
      throw malformed;
    }
  }

  /** Returns frames as arrays of their own; for tests and for transports without batches. */
  public static List<byte[]> frames(byte[] batch, int mostBytes) {
    WireReader in = opened(new WireReader(batch, 0, batch.length), mostBytes);
    List<byte[]> frames = new ArrayList<>();
    while (in.hasMore()) {
      in.enter();
      frames.add(in.rest());
      in.leave();
    }
    return frames;
  }
}
