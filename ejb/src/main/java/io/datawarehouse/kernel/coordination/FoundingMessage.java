package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.error.WarehouseException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

/** What nodes without a group say to each other. Immutable. */
public sealed interface FoundingMessage {

  /**
   * Asks for a promise not to take part in any lesser attempt.
   *
   * @param ballot the attempt
   */
  record Prepare(FoundingBallot ballot) implements FoundingMessage {}

  /**
   * Promises that.
   *
   * @param ballot the attempt
   * @param accepted the group that the node would found already
   */
  record Promise(FoundingBallot ballot, Optional<FoundingRecord.Accepted> accepted)
      implements FoundingMessage {}

  /**
   * Asks to found that group.
   *
   * @param proposed the group, with the attempt
   */
  record Accept(FoundingRecord.Accepted proposed) implements FoundingMessage {}

  /**
   * Would found it.
   *
   * @param ballot the attempt
   */
  record Accepted(FoundingBallot ballot) implements FoundingMessage {}

  /**
   * Took part in a greater attempt.
   *
   * @param promised that attempt
   */
  record Refused(FoundingBallot promised) implements FoundingMessage {}

  /**
   * The group is founded, or was long ago.
   *
   * @param group which one
   */
  record Chosen(Group group) implements FoundingMessage {}

  /** Writes a byte for its kind, then its fields. */
  default void writeTo(DataOutput out) throws IOException {
    if (this instanceof Prepare prepare) {
      out.writeByte(1);
      prepare.ballot().writeTo(out);
    } else if (this instanceof Promise promise) {
      out.writeByte(2);
      promise.ballot().writeTo(out);
      out.writeBoolean(promise.accepted().isPresent());
      if (promise.accepted().isPresent()) {
        promise.accepted().get().writeTo(out);
      }
    } else if (this instanceof Accept accept) {
      out.writeByte(3);
      accept.proposed().writeTo(out);
    } else if (this instanceof Accepted accepted) {
      out.writeByte(4);
      accepted.ballot().writeTo(out);
    } else if (this instanceof Refused refused) {
      out.writeByte(5);
      refused.promised().writeTo(out);
    } else if (this instanceof Chosen chosen) {
      out.writeByte(6);
      chosen.group().writeTo(out);
    }
  }

  /** Reads what {@link #writeTo} wrote. */
  static FoundingMessage read(DataInput in) throws IOException {
    try {
      int kind = in.readUnsignedByte();
      return switch (kind) {
        case 1 -> new Prepare(FoundingBallot.read(in));
        case 2 ->
            new Promise(
                FoundingBallot.read(in),
                in.readBoolean()
                    ? Optional.of(FoundingRecord.Accepted.read(in))
                    : Optional.empty());
        case 3 -> new Accept(FoundingRecord.Accepted.read(in));
        case 4 -> new Accepted(FoundingBallot.read(in));
        case 5 -> new Refused(FoundingBallot.read(in));
        case 6 -> new Chosen(Group.read(in));
        default -> throw new IOException("no word of a founding: " + kind);
      };
    } catch (WarehouseException e) {
      throw new IOException("no word of a founding: " + e.getMessage(), e);
    }
  }
}
