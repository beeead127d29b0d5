package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.error.WarehouseException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * What a node has to know of a founding after a crash. Immutable.
 *
 * @param promised the greatest attempt that it took part in
 * @param accepted the group that it would found, with the attempt in which it said so
 * @param chosen the group that it belongs to, for ever
 */
public record FoundingRecord(
    Optional<FoundingBallot> promised, Optional<Accepted> accepted, Optional<Group> chosen) {

  /** What a node knows that never heard of any group. */
  public static final FoundingRecord EMPTY =
      new FoundingRecord(Optional.empty(), Optional.empty(), Optional.empty());

  private static final int VERSION = 1;

  /**
   * A group that a node would found.
   *
   * @param ballot in which attempt
   * @param group which one
   */
  public record Accepted(FoundingBallot ballot, Group group) {

    void writeTo(DataOutput out) throws IOException {
      ballot.writeTo(out);
      group.writeTo(out);
    }

    static Accepted read(DataInput in) throws IOException {
      return new Accepted(FoundingBallot.read(in), Group.read(in));
    }
  }

  FoundingRecord promising(FoundingBallot ballot) {
    return new FoundingRecord(Optional.of(ballot), accepted, chosen);
  }

  FoundingRecord accepting(Accepted group) {
    return new FoundingRecord(Optional.of(group.ballot()), Optional.of(group), chosen);
  }

  FoundingRecord choosing(Group group) {
    return new FoundingRecord(promised, accepted, Optional.of(group));
  }

  /**
   * Returns the binary form: a byte 1; then, each after a byte that is 1 if it is there and 0 if
   * not, what was promised (number, text), accepted (number, text, group) and chosen (group), a
   * group being text, number, and that many texts; then four bytes of CRC-32 of all before.
   */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      out.writeByte(VERSION);
      out.writeBoolean(promised.isPresent());
      if (promised.isPresent()) {
        promised.get().writeTo(out);
      }
      out.writeBoolean(accepted.isPresent());
      if (accepted.isPresent()) {
        accepted.get().writeTo(out);
      }
      out.writeBoolean(chosen.isPresent());
      if (chosen.isPresent()) {
        chosen.get().writeTo(out);
      }
      out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads the binary form.
   *
   * @throws IOException if it is damaged, or of a later release
   */
  public static FoundingRecord of(byte[] bytes) throws IOException {
    if (bytes.length < 1 + Integer.BYTES) {
      throw new IOException("the record of the founding is cut off");
    }
    int length = bytes.length - Integer.BYTES;
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException("a founding of version " + version + ", this release reads 1");
    }
    DataInputStream end =
        new DataInputStream(new ByteArrayInputStream(bytes, length, Integer.BYTES));
    if (end.readInt() != checksum(bytes, length)) {
      throw new IOException("the record of the founding is damaged");
    }
    try {
      return new FoundingRecord(
          in.readBoolean() ? Optional.of(FoundingBallot.read(in)) : Optional.empty(),
          in.readBoolean() ? Optional.of(Accepted.read(in)) : Optional.empty(),
          in.readBoolean() ? Optional.of(Group.read(in)) : Optional.empty());
    } catch (WarehouseException e) {
      throw new IOException("the record of the founding is damaged: " + e.getMessage(), e);
    }
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32 checksum = new CRC32();
    checksum.update(bytes, 0, length);
    return (int) checksum.getValue();
  }
}
