package io.datawarehouse.kernel.coordination;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The two forms of which all binary forms here are made: whole numbers of 1 to 10 bytes, seven bits
 * each, the lowest first, the eighth bit set where more follow; and text as such a number of bytes
 * and the bytes in UTF-8.
 */
public final class Wire {

  /** No text of ours is longer: a value has 256 Ki characters, of at most 3 bytes each. */
  private static final int LONGEST_TEXT = 3 * (256 << 10);

  private Wire() {}

  /** Writes a number that is not negative. */
  public static void writeNumber(DataOutput out, long number) throws IOException {
    long left = number;
    while ((left & ~0x7fL) != 0) {
      out.writeByte((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.writeByte((int) left);
  }

  /** Reads a number; an {@link IOException} where none stands. */
  public static long readNumber(DataInput in) throws IOException {
    long number = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte read = in.readByte();
      number |= (read & 0x7fL) << shift;
      if (read >= 0) {
        if (number < 0) {
          throw new IOException("a negative number");
        }
        return number;
      }
    }
    throw new IOException("a number without an end");
  }

  /** Reads a number that must not be greater than that. */
  public static int readCount(DataInput in, int most) throws IOException {
    long count = readNumber(in);
    if (count > most) {
      throw new IOException(count + " where at most " + most + " may stand");
    }
    return (int) count;
  }

  /** Writes text. */
  public static void writeText(DataOutput out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    writeNumber(out, bytes.length);
    out.write(bytes);
  }

  /** Reads text. */
  public static String readText(DataInput in) throws IOException {
    byte[] bytes = new byte[readCount(in, LONGEST_TEXT)];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
