package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.FoundingMessage;
import io.datawarehouse.kernel.coordination.Group;
import io.datawarehouse.kernel.coordination.Proposal;
import io.datawarehouse.kernel.coordination.ProposalFormat;
import io.datawarehouse.kernel.coordination.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What coordinators say to each other beside the log: a byte 1, a byte for its kind, and fields as
 * in {@link Wire}. A word of a later version or kind is not understood and left out; none of them
 * matters for what is agreed on. Immutable.
 */
sealed interface CoordinatorWord {

  int VERSION = 1;
  int LONGEST_PROPOSAL = 2 << 20;

  /**
   * A leader's sign of life.
   *
   * @param term in which it leads
   * @param number counts them
   * @param commitIndex up to where it knows the log to be agreed on
   * @param ageMicros how long ago it knew that it still leads
   * @param available whether it can have changes agreed on
   * @param group its group
   */
  record Pulse(
      long term, long number, long commitIndex, long ageMicros, boolean available, Group group)
      implements CoordinatorWord {}

  /**
   * The answer to a sign of life.
   *
   * @param term in which the follower is
   * @param number which one is answered
   */
  record PulseAnswer(long term, long number) implements CoordinatorWord {}

  /**
   * A node knows no leader, and asks who else knows none.
   *
   * @param term in which it is
   * @param group its group, empty for a node without one
   * @param number counts what it asks
   */
  record Leaderless(long term, Optional<Group> group, long number) implements CoordinatorWord {}

  /**
   * The answer of a node of the group that knows no leader either.
   *
   * @param term in which it is
   * @param number which question is answered
   */
  record LeaderlessToo(long term, long number) implements CoordinatorWord {}

  /**
   * To the leader: a proposal.
   *
   * @param proposal the proposal
   */
  record Proposed(Proposal proposal) implements CoordinatorWord {}

  /**
   * A leader goes, and another should be elected.
   *
   * @param term in which it led
   */
  record Resigned(long term) implements CoordinatorWord {}

  /**
   * Between nodes without a group.
   *
   * @param message what they say
   */
  record Founding(FoundingMessage message) implements CoordinatorWord {}

  /** Returns the binary form. */
  default byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      out.writeByte(VERSION);
      write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private void write(DataOutput out) throws IOException {
    if (this instanceof Pulse pulse) {
      out.writeByte(1);
      Wire.writeNumber(out, pulse.term());
      Wire.writeNumber(out, pulse.number());
      Wire.writeNumber(out, pulse.commitIndex());
      Wire.writeNumber(out, pulse.ageMicros());
      out.writeBoolean(pulse.available());
      pulse.group().writeTo(out);
    } else if (this instanceof PulseAnswer answer) {
      out.writeByte(2);
      Wire.writeNumber(out, answer.term());
      Wire.writeNumber(out, answer.number());
    } else if (this instanceof Leaderless leaderless) {
      out.writeByte(3);
      Wire.writeNumber(out, leaderless.term());
      out.writeBoolean(leaderless.group().isPresent());
      if (leaderless.group().isPresent()) {
        leaderless.group().get().writeTo(out);
      }
      Wire.writeNumber(out, leaderless.number());
    } else if (this instanceof Proposed proposed) {
      out.writeByte(4);
      byte[] proposal = ProposalFormat.write(proposed.proposal());
      Wire.writeNumber(out, proposal.length);
      out.write(proposal);
    } else if (this instanceof Resigned resigned) {
      out.writeByte(5);
      Wire.writeNumber(out, resigned.term());
    } else if (this instanceof Founding founding) {
      out.writeByte(6);
      founding.message().writeTo(out);
    } else if (this instanceof LeaderlessToo too) {
      out.writeByte(7);
      Wire.writeNumber(out, too.term());
      Wire.writeNumber(out, too.number());
    }
  }

  /**
   * Reads the binary form.
   *
   * @throws IOException if it is damaged, or of a later release
   */
  static CoordinatorWord of(byte[] bytes) throws IOException {
    DataInput in = new DataInputStream(new ByteArrayInputStream(bytes));
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException("a word of version " + version);
    }
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case 1 ->
          new Pulse(
              Wire.readNumber(in),
              Wire.readNumber(in),
              Wire.readNumber(in),
              Wire.readNumber(in),
              in.readBoolean(),
              Group.read(in));
      case 2 -> new PulseAnswer(Wire.readNumber(in), Wire.readNumber(in));
      case 3 ->
          new Leaderless(
              Wire.readNumber(in),
              in.readBoolean() ? Optional.of(Group.read(in)) : Optional.empty(),
              Wire.readNumber(in));
      case 4 -> {
        byte[] proposal = new byte[Wire.readCount(in, LONGEST_PROPOSAL)];
        in.readFully(proposal);
        yield new Proposed(ProposalFormat.read(proposal, 0, proposal.length));
      }
      case 5 -> new Resigned(Wire.readNumber(in));
      case 6 -> new Founding(FoundingMessage.read(in));
      case 7 -> new LeaderlessToo(Wire.readNumber(in), Wire.readNumber(in));
      default -> throw new IOException("a word of kind " + kind);
    };
  }
}
