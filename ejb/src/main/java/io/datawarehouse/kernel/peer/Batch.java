package io.datawarehouse.kernel.peer;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
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
   * Takes a batch apart.
   *
   * @param mostBytes how many bytes it may have when it is not compressed any more
   * @throws MalformedFrame where it is not of this form, or longer
   */
  public static void split(byte[] batch, int mostBytes, FrameTaker taker) {
    WireReader in = new WireReader(batch, 0, batch.length);
    int form = in.octet();
    if (form == ZSTD) {
      in = unpack(in, batch, mostBytes);
    } else if (form != PLAIN) {
      throw new MalformedFrame("a batch of form " + form);
    }
    while (in.hasMore()) {
      int length = in.count();
      taker.take(in.array(), in.skip(length), length);
    }
  }

  private static WireReader unpack(WireReader in, byte[] batch, int mostBytes) {
    long size = in.number();
    if (size > mostBytes) {
      throw new MalformedFrame("a batch of " + size + " bytes");
    }
    byte[] plain = new byte[(int) size];
    int from = in.position();
    try {
      long got = Zstd.decompressByteArray(plain, 0, plain.length, batch, from, batch.length - from);
      if (got != size) {
        throw new MalformedFrame("a batch of another length than it says");
      }
    } catch (ZstdException e) {
      MalformedFrame malformed = new MalformedFrame("a batch that cannot be decompressed");
      malformed.initCause(e);
      throw malformed;
    }
    return new WireReader(plain, 0, plain.length);
  }

  /** Takes one frame of a batch. */
  @FunctionalInterface
  public interface FrameTaker {
    /** Takes the frame that lies in that part of the array. */
    void take(byte[] bytes, int from, int length);
  }

  /** Collects frames as arrays of their own; for tests and for transports without batches. */
  public static List<byte[]> frames(byte[] batch, int mostBytes) {
    List<byte[]> frames = new ArrayList<>();
    Consumer<byte[]> add = frames::add;
    split(
        batch,
        mostBytes,
        (bytes, from, length) -> add.accept(Arrays.copyOfRange(bytes, from, from + length)));
    return frames;
  }
}
