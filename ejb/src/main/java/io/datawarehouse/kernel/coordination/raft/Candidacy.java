package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.Wire;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jgroups.Header;
import org.jgroups.protocols.raft.election.VoteResponse;

/**
 * A vote that also says who votes by the voter's log, and whether the voter would lead. Filled once
 * after it is read, then immutable.
 */
public final class Candidacy extends VoteResponse {

  static final short ID = 7_003;

  private static final int MOST_VOTERS = 1_024;

  private boolean stands;
  private List<String> voters = List.of();

  /** For votes that come from the wire. */
  public Candidacy() {}

  Candidacy(long term, long lastTerm, long lastIndex, boolean stands, List<String> voters) {
    super(term, lastTerm, lastIndex);
    this.stands = stands;
    this.voters = List.copyOf(voters);
  }

  boolean stands() {
    return stands;
  }

  List<String> voters() {
    return voters;
  }

  /** Returns whether the voter's log has all that the other's has. */
  boolean covers(Candidacy other) {
    return last_log_term > other.last_log_term
        || last_log_term == other.last_log_term && last_log_index >= other.last_log_index;
  }

  @Override
  public short getMagicId() {
    return ID;
  }

  @Override
  public Supplier<? extends Header> create() {
    return Candidacy::new;
  }

  @Override
  public int serializedSize() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writeRest(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return super.serializedSize() + bytes.size();
  }

  @Override
  public void writeTo(DataOutput out) throws IOException {
    super.writeTo(out);
    writeRest(out);
  }

  private void writeRest(DataOutput out) throws IOException {
    out.writeBoolean(stands);
    Wire.writeNumber(out, voters.size());
    for (String voter : voters) {
      Wire.writeText(out, voter);
    }
  }

  @Override
  public void readFrom(DataInput in) throws IOException, ClassNotFoundException {
    super.readFrom(in);
    stands = in.readBoolean();
    int count = Wire.readCount(in, MOST_VOTERS);
    List<String> read = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      read.add(Wire.readText(in));
    }
    voters = List.copyOf(read);
  }
}
