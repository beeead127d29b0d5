package io.datawarehouse.kernel.coordination.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Iterator;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jgroups.Address;
import org.jgroups.Header;
import org.jgroups.Message;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.stack.Protocol;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * Lets nothing of another group in, right above the socket: nodes of two groups do not even see
 * each other. Every message says the group of its sender; that of a node without one says none, and
 * is let in. Thread-safe.
 */
final class ForeignGroups extends Protocol {

  private static final short PROTOCOL_ID = 7_103;

  static {
    ClassConfigurator.addProtocol(PROTOCOL_ID, ForeignGroups.class);
    ClassConfigurator.add(Mark.ID, Mark.class);
  }

  private final BiConsumer<Address, String> refused;
  private volatile String own = "";

  /**
   * Makes the protocol of one channel, of a node without a group.
   *
   * @param refused told of every message that was not let in
   */
  ForeignGroups(BiConsumer<Address, String> refused) {
    this.refused = refused;
  }

  /** Says which group the sender belongs to. Set once after it is read, then immutable. */
  public static final class Mark extends Header {

    static final short ID = 7_004;
    private String group = "";

    /** For marks that come from the wire. */
    public Mark() {}

    Mark(String group) {
      this.group = group;
    }

    @Override
    public short getMagicId() {
      return ID;
    }

    @Override
    public Supplier<? extends Header> create() {
      return Mark::new;
    }

    @Override
    public int serializedSize() {
      return Util.size(group);
    }

    @Override
    public void writeTo(DataOutput out) throws IOException {
      Util.writeString(group, out);
    }

    @Override
    public void readFrom(DataInput in) throws IOException {
      String read = Util.readString(in);
      group = read == null ? "" : read;
    }
  }

  /** Says that this node belongs to a group from now on. */
  void belongTo(String group) {
    own = group;
  }

  @Override
  public @Nullable Object down(Message message) {
    return down_prot.down(message.putHeader(id, new Mark(own)));
  }

  @Override
  public @Nullable Object up(Message message) {
    return admits(message) ? up_prot.up(message) : null;
  }

  @Override
  public void up(MessageBatch batch) {
    for (Iterator<Message> messages = batch.iterator(); messages.hasNext(); ) {
      if (!admits(messages.next())) {
        messages.remove();
      }
    }
    if (!batch.isEmpty()) {
      up_prot.up(batch);
    }
  }

  private boolean admits(Message message) {
    Mark mark = message.getHeader(id);
    String mine = own;
    if (mark == null || mark.group.isEmpty() || mine.isEmpty() || mark.group.equals(mine)) {
      return true;
    }
    refused.accept(message.getSrc(), mark.group);
    return false;
  }
}
