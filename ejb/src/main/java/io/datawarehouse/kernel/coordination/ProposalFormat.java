package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The binary form of a {@link Proposal}, in the log and between nodes. Numbers and text as in
 * {@link Wire}:
 *
 * <pre>
 * version   one byte, 1
 * kind      one byte: 0 a mark, 1 a put, 2 a removal
 * id        text (node), number (run), number (sequence)
 * settled   number
 * capacity  number (entries), number (characters)
 * address   text (registry), text (key)            not in a mark
 * expected  number: 0 for any, else version + 1    not in a mark
 * value     text                                   in a put alone
 * </pre>
 *
 * <p>A node that meets a version or a kind that it does not know stops rather than skip it: what
 * one node skipped would stand on the others. What follows the last field is ignored, so that a
 * later release may add what an earlier one can do without.
 */
public final class ProposalFormat {

  private static final int VERSION = 1;
  private static final int MARK = 0;
  private static final int PUT = 1;
  private static final int REMOVE = 2;

  private ProposalFormat() {}

  /** Returns the binary form. */
  public static byte[] write(Proposal proposal) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      out.writeByte(VERSION);
      out.writeByte(kind(proposal));
      Wire.writeText(out, proposal.id().node().value());
      Wire.writeNumber(out, proposal.id().run());
      Wire.writeNumber(out, proposal.id().sequence());
      Wire.writeNumber(out, proposal.settled());
      Wire.writeNumber(out, proposal.capacity().entries());
      Wire.writeNumber(out, proposal.capacity().characters());
      if (proposal.command().isPresent()) {
        writeCommand(out, proposal.command().get());
      }
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
  public static Proposal read(byte[] bytes, int offset, int length) throws IOException {
    DataInput in = new DataInputStream(new ByteArrayInputStream(bytes, offset, length));
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException("a proposal of version " + version + ", this release reads 1");
    }
    int kind = in.readUnsignedByte();
    try {
      RequestId id =
          new RequestId(new NodeId(Wire.readText(in)), Wire.readNumber(in), Wire.readNumber(in));
      long settled = Wire.readNumber(in);
      Capacity capacity = new Capacity(Wire.readCount(in, Integer.MAX_VALUE), Wire.readNumber(in));
      return new Proposal(id, settled, capacity, readCommand(in, kind));
    } catch (IllegalArgumentException | io.datawarehouse.sdk.error.WarehouseException e) {
      throw new IOException("a damaged proposal: " + e.getMessage(), e);
    }
  }

  private static int kind(Proposal proposal) {
    return proposal
        .command()
        .map(command -> command instanceof ClusterCommand.Put ? PUT : REMOVE)
        .orElse(MARK);
  }

  private static void writeCommand(DataOutput out, ClusterCommand command) throws IOException {
    Wire.writeText(out, command.address().registry());
    Wire.writeText(out, command.address().key());
    OptionalLong expected = command.expected();
    Wire.writeNumber(out, expected.isPresent() ? expected.getAsLong() + 1 : 0);
    if (command instanceof ClusterCommand.Put put) {
      Wire.writeText(out, put.value());
    }
  }

  private static Optional<ClusterCommand> readCommand(DataInput in, int kind) throws IOException {
    if (kind == MARK) {
      return Optional.empty();
    }
    if (kind != PUT && kind != REMOVE) {
      throw new IOException("a proposal of kind " + kind + ", which this release does not know");
    }
    RegistryEntry.Address address = new RegistryEntry.Address(Wire.readText(in), Wire.readText(in));
    long shown = Wire.readNumber(in);
    OptionalLong expected = shown == 0 ? OptionalLong.empty() : OptionalLong.of(shown - 1);
    return Optional.of(
        kind == PUT
            ? new ClusterCommand.Put(address, Wire.readText(in), expected)
            : new ClusterCommand.Remove(address, expected));
  }
}
